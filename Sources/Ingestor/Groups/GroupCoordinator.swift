package import KafkaProtocol
package import Logging
package import NIOCore
import Synchronization

/// The consumer groups of this ingestor: finds or makes the ``GroupMachine`` of a group, passes it events with the
/// time, completes waiting requests, and keeps one timer for each group that waits for something.
///
/// Any thread may call it. A group's lock is held for one transition, a commit's write among them; answers are
/// given after it is free.
package final class GroupCoordinator: Sendable {
    private let settings: GroupSettings
    private let groupsMax: Int
    private let eventLoops: any EventLoopGroup
    private let now: @Sendable () -> NIODeadline
    private let groups = Mutex<[String: Group]>([:])
    private let allBytes = GroupBytes()
    private let isClosed = Atomic(false)
    private let logger: Logger

    /// - Parameters:
    ///   - groupsMax: Groups at a time; a further one is refused, and logged.
    ///   - eventLoops: Where the groups' timers run.
    package init(
        settings: GroupSettings,
        groupsMax: Int,
        eventLoops: any EventLoopGroup,
        logger: Logger,
        now: @escaping @Sendable () -> NIODeadline = { .now() }
    ) {
        self.logger = logger
        self.settings = settings
        self.groupsMax = groupsMax
        self.eventLoops = eventLoops
        self.now = now
    }

    /// The result of a join or a sync: an answer now or later, and what to do when the client disconnects before.
    package struct Waiting<Answer: Sendable>: Sendable {
        package let answer: EventLoopFuture<Answer>
        package let abandon: @Sendable () -> Void
    }

    /// A member joins; `make` gets the token under which its answer will come.
    ///
    /// - Parameter view: The topics that exist, for members that the group assigns to.
    package func join(
        group id: String,
        _ view: TopicView,
        on eventLoop: any EventLoop,
        _ make: (ReplyToken) -> GroupJoin
    ) -> Waiting<JoinAnswer> {
        let promise = eventLoop.makePromise(of: JoinAnswer.self)
        let asked = make(ReplyToken(0))
        let memberID = asked.memberID
        guard allBytes.count + asked.byteCount <= settings.allBytesMax else {
            logger.warning(
                "join refused: the members of all groups use the memory limit",
                metadata: [LogKey.group: "\(id)"]
            )
            promise.succeed(.failed(.groupMaxSizeReached, memberID: memberID))
            return Waiting(answer: promise.futureResult, abandon: {})
        }
        guard let group = memberID.isEmpty ? findOrMake(id) : find(id) else {
            promise.succeed(.failed(memberID.isEmpty ? .coordinatorNotAvailable : .unknownMemberID, memberID: memberID))
            return Waiting(answer: promise.futureResult, abandon: {})
        }
        let token = group.join(promise, make, view, now: now())
        return Waiting(answer: promise.futureResult) { [now] in group.abandon(token, now: now()) }
    }

    /// A member asks for its assignment; `make` gets the token under which its answer will come.
    package func sync(
        group id: String,
        on eventLoop: any EventLoop,
        _ make: (ReplyToken) -> GroupSync
    ) -> Waiting<SyncAnswer> {
        let promise = eventLoop.makePromise(of: SyncAnswer.self)
        guard let group = find(id) else {
            promise.succeed(.failed(.unknownMemberID))
            return Waiting(answer: promise.futureResult, abandon: {})
        }
        let token = group.sync(promise, make, now: now())
        return Waiting(answer: promise.futureResult) { [now] in group.abandon(token, now: now()) }
    }

    package func heartbeat(
        group id: String,
        memberID: String,
        instanceID: String?,
        generation: Int32,
        _ view: TopicView
    ) -> ErrorCode {
        guard let group = find(id) else { return .unknownMemberID }
        return group.transition(now: now()) { machine, now in
            let error = machine.receivedHeartbeat(
                memberID: memberID,
                instanceID: instanceID,
                generation: generation,
                view,
                now: now
            )
            return (error, [])
        }
    }

    package func leave(group id: String, memberID: String, instanceID: String?) -> ErrorCode {
        guard let group = find(id) else { return .unknownMemberID }
        let error = group.transition(now: now()) { machine, now in
            machine.receivedLeave(memberID: memberID, instanceID: instanceID, now: now)
        }
        return error
    }

    /// A heartbeat of the protocol of KIP-848.
    package func heartbeat(
        group id: String,
        _ heartbeat: ConsumerHeartbeat,
        _ view: TopicView
    ) -> ConsumerHeartbeatAnswer {
        guard allBytes.count + heartbeat.byteCount <= settings.allBytesMax else {
            logger.warning(
                "heartbeat refused: the members of all groups use the memory limit",
                metadata: [LogKey.group: "\(id)"]
            )
            return .refused(.groupMaxSizeReached, "the members of all groups use the memory that there is for them")
        }
        let isJoin = heartbeat.epoch == ConsumerGroupHeartbeatRequest.joiningEpoch
        guard let group = isJoin ? findOrMake(id) : find(id) else {
            // Groups with their members are forgotten when the ingestor stops: the member joins again.
            if isJoin { return .refused(.coordinatorNotAvailable, "there is no place for a further group now") }
            return .refused(.unknownMemberID, "the group is not known here: its members have to join again")
        }
        return group.transition(now: now()) { machine, now in
            let (answer, actions) = machine.receivedHeartbeat(heartbeat, view, now: now)
            return (answer, actions)
        }
    }

    /// The patterns whose matches the group needs with this heartbeat; see
    /// ``ConsumerGroupStateMachine/patternsToResolve(adding:in:)``.
    package func patternsToResolve(group id: String, adding pattern: String?, in view: TopicView) -> [String] {
        guard let group = find(id) else { return (pattern.map { [$0] } ?? []).filter { !$0.isEmpty } }
        return group.transition(now: now()) { machine, _ in (machine.patternsToResolve(adding: pattern, in: view), []) }
    }

    /// Whether this member may read what its group committed.
    package func checkFetch(group id: String, memberID: String?, epoch: Int32) -> ErrorCode {
        guard let memberID, let group = find(id) else { return .none }
        return group.transition(now: now()) { machine, _ in (machine.checkFetch(memberID: memberID, epoch: epoch), []) }
    }

    /// Runs `keep` if this member may commit offsets; see
    /// ``GroupMachine/receivedCommit(memberID:instanceID:generation:carriesEpoch:now:)``.
    ///
    /// The group is locked meanwhile: a commit that was allowed cannot be written after one of the next generation.
    ///
    /// - Parameter carriesEpoch: Whether the request is of a version in which the generation may be a member's epoch.
    /// - Returns: why it may not, else what `keep` returned.
    package func commit(
        group id: String,
        memberID: String,
        instanceID: String?,
        generation: Int32,
        carriesEpoch: Bool = false,
        _ keep: () -> ErrorCode
    ) -> ErrorCode {
        withGroup(id) { group in
            guard let group else {
                if generation < 0 { return keep() }
                return carriesEpoch ? .groupIDNotFound : .illegalGeneration
            }
            return group.transition(now: now()) { machine, now in
                let error = machine.receivedCommit(
                    memberID: memberID,
                    instanceID: instanceID,
                    generation: generation,
                    carriesEpoch: carriesEpoch,
                    now: now
                )
                return (error == .none ? keep() : error, [])
            }
        }
    }

    // MARK: For tools

    /// The states, protocol types and types of all groups that have members, or had some recently.
    package var summaries: [String: (state: GroupState, protocolType: String, type: GroupType)] {
        let all = groups.withLock { $0 }
        return all.mapValues { group in group.transition(now: now()) { machine, _ in (machine.summary, []) } }
    }

    /// What is known of a group; `nil` where it has no members and had none recently.
    package func description(of id: String) -> KnownGroup? {
        let description = find(id)?.transition(now: now()) { machine, _ in (machine.description, []) }
        return description?.state == .dead ? nil : description
    }

    /// Deletes a group that has no members. `forget` removes what it committed, while none can join, and returns whether
    /// that was anything, or why it could not be removed.
    package func delete(group id: String, _ forget: () -> Result<Bool, IngestorError>) -> Result<
        ErrorCode, IngestorError
    > {
        withGroup(id) { group in
            guard let group else { return forget().map { $0 ? .none : .groupIDNotFound } }
            let outcome = group.transition(now: now()) {
                machine,
                _ -> (Result<ErrorCode, IngestorError>?, [GroupAction]) in
                if machine.isDead { return (nil, []) }
                guard !machine.description.hasMembers else { return (.success(.nonEmptyGroup), []) }
                let forgotten = forget()
                guard case .success = forgotten else { return (forgotten.map { _ in .none }, []) }
                return (.success(.none), machine.closed())
            }
            if case .success(.none) = outcome { remove(group, id) }
            return outcome
        }
    }

    /// Runs `body` with what is known of a group (`nil` as in ``description(of:)``), which does not change meanwhile.
    package func withDescription<Result>(of id: String, _ body: (KnownGroup?) -> Result) -> Result {
        withGroup(id) { group in
            guard let group else { return body(nil) }
            return group.transition(now: now()) { machine, _ in
                (machine.isDead ? nil : body(machine.description), [])
            }
        }
    }

    /// Runs `body` with a group, or with none: then no group is made meanwhile. It returns `nil` where the group has been
    /// removed since it was found, and runs again with what has taken its place.
    private func withGroup<Result>(_ id: String, _ body: (Group?) -> Result?) -> Result {
        while true {
            if let group = find(id) {
                if let result = body(group) { return result }
            } else if let result = groups.withLock({ groups in groups[id] == nil ? body(nil) : nil }) {
                return result
            }
        }
    }

    /// Removes a group that was closed, unless another has taken its place.
    private func remove(_ group: Group, _ id: String) {
        groups.withLock { groups in
            if groups[id] === group { groups[id] = nil }
        }
    }

    /// Removes groups that have had no members since the last call; their offsets are kept elsewhere.
    package func removeIdleGroups() {
        groups.withLock { groups in
            groups = groups.filter { !$0.value.closeIfIdle() }
        }
    }

    /// Whether a group has members, or had some recently.
    package func isInUse(_ id: String) -> Bool { find(id) != nil }

    /// What the members of all groups keep in memory.
    package var byteCount: Int { allBytes.count }

    /// Completes all waiting requests, and accepts no further members.
    package func close() {
        isClosed.store(true, ordering: .sequentiallyConsistent)
        let all = groups.withLock { groups in
            defer { groups = [:] }
            return Array(groups.values)
        }
        for group in all { group.close(now: now()) }
    }

    private func find(_ id: String) -> Group? {
        groups.withLock { $0[id] }
    }

    private func findOrMake(_ id: String) -> Group? {
        let (group, isFull) = groups.withLock { groups -> (Group?, Bool) in
            if let group = groups[id] { return (group, false) }
            if isClosed.load(ordering: .sequentiallyConsistent) { return (nil, false) }
            if groups.count >= groupsMax { return (nil, true) }
            let group = Group(
                machine: GroupMachine(settings: settings),
                allBytes: allBytes,
                eventLoop: eventLoops.next(),
                now: now
            )
            groups[id] = group
            return (group, false)
        }
        if isFull {
            logger.warning("join refused: the limit of groups is reached", metadata: [LogKey.group: "\(id)"])
        }
        return group
    }
}
