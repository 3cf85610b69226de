package import KafkaProtocol
package import NIOCore

/// One group, in the machine of its protocol: requests of members go there, whichever protocol they speak.
///
/// A group without members takes whichever protocol the next member speaks. One with members is carried over with them, as
/// ``GroupMigrationPolicy`` says: from the classic machine when a member of KIP-848 joins, and back when the last one is gone.
package struct GroupMachine: Sendable {
    private let settings: GroupSettings
    /// Without members while there is ``consumer``.
    private var classic: GroupStateMachine
    private var consumer: ConsumerGroupStateMachine?

    package init(settings: GroupSettings) {
        self.settings = settings
        classic = GroupStateMachine(settings: settings)
    }

    package var byteCount: Int { consumer?.byteCount ?? classic.byteCount }

    package var nextDeadline: NIODeadline? { consumer == nil ? classic.nextDeadline : consumer?.nextDeadline }

    package var isDead: Bool { classic.phase == .dead }

    /// Whether nothing would be lost if the group were removed.
    package var isIdle: Bool { consumer?.isEmpty ?? classic.isIdle }

    package var description: KnownGroup {
        if let consumer { return .consumer(consumer.description) }
        return .classic(classic.description)
    }

    /// What a list of groups says of it.
    package var summary: (state: GroupState, protocolType: String, type: GroupType) {
        if let consumer { return (consumer.state, ConsumerSubscription.protocolType, .consumer) }
        return (classic.phase.state, classic.protocolType ?? "", .classic)
    }

    /// The ingestor stops, or the group is deleted: callers look it up again.
    package mutating func closed() -> [GroupAction] {
        consumer = nil
        return classic.closed()
    }

    package mutating func deadlineReached(now: NIODeadline) -> [GroupAction] {
        guard consumer == nil else {
            consumer?.deadlineReached(now: now)
            downgradeIfDue(now: now)
            return []
        }
        return classic.deadlineReached(now: now)
    }

    // MARK: Of the classic protocol

    package mutating func receivedJoin(_ join: GroupJoin, _ view: TopicView, now: NIODeadline) -> [GroupAction] {
        if consumer?.isEmpty == true {
            consumer = nil
            classic = GroupStateMachine(settings: settings)
        }
        guard let answer = consumer?.receivedJoin(join, view, now: now) else {
            return classic.receivedJoin(join, now: now)
        }
        // A static member may have taken the place of the last one of the other protocol.
        downgradeIfDue(now: now)
        return [.answerJoin(join.token, answer)]
    }

    package mutating func receivedSync(_ sync: GroupSync, now: NIODeadline) -> [GroupAction] {
        guard let answer = consumer?.receivedSync(sync, now: now) else {
            return classic.receivedSync(sync, now: now)
        }
        return [.answerSync(sync.token, answer)]
    }

    package mutating func abandoned(_ token: ReplyToken, now: NIODeadline) {
        classic.abandoned(token, now: now)
    }

    package mutating func receivedHeartbeat(
        memberID: String,
        instanceID: String?,
        generation: Int32,
        _ view: TopicView,
        now: NIODeadline
    ) -> ErrorCode {
        consumer?.receivedHeartbeat(
            memberID: memberID,
            instanceID: instanceID,
            generation: generation,
            view,
            now: now
        )
            ?? classic.receivedHeartbeat(memberID: memberID, instanceID: instanceID, generation: generation, now: now)
    }

    package mutating func receivedLeave(
        memberID: String,
        instanceID: String?,
        now: NIODeadline
    ) -> (error: ErrorCode, actions: [GroupAction]) {
        if let error = consumer?.receivedLeave(memberID: memberID, instanceID: instanceID) { return (error, []) }
        return classic.receivedLeave(memberID: memberID, instanceID: instanceID, now: now)
    }

    // MARK: Of the protocol of KIP-848

    package func patternsToResolve(adding pattern: String?, in view: TopicView) -> [String] {
        let machine = consumer ?? ConsumerGroupStateMachine(settings: settings)
        return machine.patternsToResolve(adding: pattern, in: view)
    }

    package mutating func receivedHeartbeat(
        _ heartbeat: ConsumerHeartbeat,
        _ view: TopicView,
        now: NIODeadline
    ) -> (answer: ConsumerHeartbeatAnswer, actions: [GroupAction]) {
        if isDead { return (.refused(.coordinatorNotAvailable, "the group was removed: ask again"), []) }
        guard let answer = consumer?.receivedHeartbeat(heartbeat, view, now: now) else {
            return upgrade(by: heartbeat, view, now: now)
        }
        downgradeIfDue(now: now)
        return (answer, [])
    }

    /// A member of KIP-848 comes to a group of the classic protocol. The group stays what it is where the member is refused.
    private mutating func upgrade(
        by heartbeat: ConsumerHeartbeat,
        _ view: TopicView,
        now: NIODeadline
    ) -> (answer: ConsumerHeartbeatAnswer, actions: [GroupAction]) {
        guard heartbeat.epoch == ConsumerGroupHeartbeatRequest.joiningEpoch else {
            return (.unknown(heartbeat.memberID), [])
        }
        var upgraded: ConsumerGroupStateMachine
        do throws(ConsumerGroupStateMachine.UpgradeRefusal) {
            upgraded = try ConsumerGroupStateMachine(settings: settings, upgrading: classic, view, now: now)
        } catch {
            return (
                .refused(.groupIDNotFound, "the group has members of the classic protocol, and \(error.reason)"), []
            )
        }
        let answer = upgraded.receivedHeartbeat(heartbeat, view, now: now)
        guard answer.error == .none else { return (answer, []) }
        let (members, syncs) = classic.carried
        var actions: [GroupAction] = syncs.map { .answerSync($0, .failed(.rebalanceInProgress)) }
        for member in members {
            guard let token = member.waitingJoin else { continue }
            actions.append(.answerJoin(token, upgraded.receivedJoin(member.join(token), view, now: now)))
        }
        consumer = upgraded
        classic = GroupStateMachine(settings: settings)
        return (answer, actions)
    }

    /// Goes back to the classic protocol where only members of that are left.
    private mutating func downgradeIfDue(now: NIODeadline) {
        guard settings.migrationPolicy.allowsDowngrade, let consumer, consumer.isAllClassic else { return }
        classic = GroupStateMachine(
            settings: settings,
            taking: consumer.carried,
            epoch: consumer.groupEpoch,
            now: now
        )
        self.consumer = nil
    }

    // MARK: Committed offsets

    /// Whether this member may commit offsets, by its generation or its epoch.
    ///
    /// - Parameter carriesEpoch: Whether the request's version knows epochs.
    package mutating func receivedCommit(
        memberID: String,
        instanceID: String?,
        generation: Int32,
        carriesEpoch: Bool,
        now: NIODeadline
    ) -> ErrorCode {
        if let consumer {
            return consumer.checkCommit(memberID: memberID, epoch: generation, carriesEpoch: carriesEpoch)
        }
        return classic.receivedCommit(memberID: memberID, instanceID: instanceID, generation: generation, now: now)
    }

    /// Whether this member may read committed offsets. Members of the classic protocol always may.
    package func checkFetch(memberID: String?, epoch: Int32) -> ErrorCode {
        consumer?.checkFetch(memberID: memberID, epoch: epoch) ?? .none
    }
}
