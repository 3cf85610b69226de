package import KafkaProtocol
package import Logging
package import NIOCore
import Synchronization

/// The consumer groups of this ingestor: finds or makes the ``GroupStateMachine`` of a group, passes it events with the
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
    package func join(
        group id: String,
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
        let token = group.join(promise, make, now: now())
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
        generation: Int32
    ) -> ErrorCode {
        guard let group = find(id) else { return .unknownMemberID }
        return group.transition(now: now()) { machine, now in
            let error = machine.receivedHeartbeat(
                memberID: memberID,
                instanceID: instanceID,
                generation: generation,
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

    /// Runs `keep` if this member may commit offsets; see
    /// ``GroupStateMachine/receivedCommit(memberID:instanceID:generation:now:)``.
    ///
    /// The group is locked meanwhile: a commit that was allowed cannot be written after one of the next generation.
    ///
    /// - Parameter ifUnknown: The error of a member of a group that is not there.
    /// - Returns: why it may not, else what `keep` returned.
    package func commit(
        group id: String,
        memberID: String,
        instanceID: String?,
        generation: Int32,
        ifUnknown: ErrorCode = .illegalGeneration,
        _ keep: () -> ErrorCode
    ) -> ErrorCode {
        withGroup(id) { group in
            guard let group else { return generation >= 0 ? ifUnknown : keep() }
            return group.transition(now: now()) { machine, now in
                let error = machine.receivedCommit(
                    memberID: memberID,
                    instanceID: instanceID,
                    generation: generation,
                    now: now
                )
                return (error == .none ? keep() : error, [])
            }
        }
    }

    // MARK: For tools

    /// The states and protocol types of all groups that have members, or had some recently.
    package var states: [String: (state: GroupState, protocolType: String)] {
        let all = groups.withLock { $0 }
        return all.mapValues { group in
            group.transition(now: now()) { machine, _ in ((machine.phase.state, machine.protocolType ?? ""), []) }
        }
    }

    /// What is known of a group; `nil` where it has no members and had none recently.
    package func description(of id: String) -> GroupDescription? {
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
                if machine.phase == .dead { return (nil, []) }
                guard machine.memberIDs.isEmpty else { return (.success(.nonEmptyGroup), []) }
                let forgotten = forget()
                guard case .success = forgotten else { return (forgotten.map { _ in .none }, []) }
                return (.success(.none), machine.closed())
            }
            if case .success(.none) = outcome { remove(group, id) }
            return outcome
        }
    }

    /// Runs `body` with what is known of a group (`nil` as in ``description(of:)``), which does not change meanwhile.
    package func withDescription<Result>(of id: String, _ body: (GroupDescription?) -> Result) -> Result {
        withGroup(id) { group in
            guard let group else { return body(nil) }
            return group.transition(now: now()) { machine, _ in
                (machine.phase == .dead ? nil : body(machine.description), [])
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
                machine: GroupStateMachine(settings: settings),
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
