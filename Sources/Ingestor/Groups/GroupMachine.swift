package import KafkaProtocol
package import NIOCore

/// One group, in the protocol that its members speak: requests of each protocol go to the machine of theirs.
///
/// A group without members takes whichever protocol the next member speaks. While it has members, others are refused: a
/// group is not carried over with its members in it.
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
            return []
        }
        return classic.deadlineReached(now: now)
    }

    // MARK: Of the classic protocol

    package mutating func receivedJoin(_ join: GroupJoin, now: NIODeadline) -> [GroupAction] {
        if let consumer {
            guard consumer.isEmpty else {
                return [.answerJoin(join.token, .failed(.inconsistentGroupProtocol, memberID: join.memberID))]
            }
            self.consumer = nil
            classic = GroupStateMachine(settings: settings)
        }
        return classic.receivedJoin(join, now: now)
    }

    package mutating func receivedSync(_ sync: GroupSync, now: NIODeadline) -> [GroupAction] {
        guard consumer == nil else { return [.answerSync(sync.token, .failed(.unknownMemberID))] }
        return classic.receivedSync(sync, now: now)
    }

    package mutating func abandoned(_ token: ReplyToken, now: NIODeadline) {
        classic.abandoned(token, now: now)
    }

    package mutating func receivedHeartbeat(
        memberID: String,
        instanceID: String?,
        generation: Int32,
        now: NIODeadline
    ) -> ErrorCode {
        guard consumer == nil else { return .unknownMemberID }
        return classic.receivedHeartbeat(memberID: memberID, instanceID: instanceID, generation: generation, now: now)
    }

    package mutating func receivedLeave(
        memberID: String,
        instanceID: String?,
        now: NIODeadline
    ) -> (error: ErrorCode, actions: [GroupAction]) {
        guard consumer == nil else { return (.unknownMemberID, []) }
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
    ) -> ConsumerHeartbeatAnswer {
        if isDead { return .refused(.coordinatorNotAvailable, "the group was removed: ask again") }
        if consumer == nil {
            guard classic.isIdle else {
                return .refused(
                    .groupIDNotFound,
                    "the group has members of the classic protocol: stop them, or join with group.protocol=classic"
                )
            }
            consumer = ConsumerGroupStateMachine(settings: settings)
        }
        return consumer?.receivedHeartbeat(heartbeat, view, now: now)
            ?? .refused(.coordinatorNotAvailable, "the group was removed: ask again")
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
