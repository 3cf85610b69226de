package import KafkaProtocol
package import Logging
package import NIOCore
import Synchronization

/// The consumer groups of this ingestor: finds or makes the ``GroupStateMachine`` of a group, gives it events with the time
/// beside them, answers whoever waits, and keeps one timer for each group that has something to wait for.
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
    ///   - groupsMax: Groups known at a time; a further one is refused, and logged.
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

    /// What came of a join or a sync: an answer now or later, and what to do when the one who waits is gone.
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
            logger.warning("join refused: groups keep as many bytes as may be", metadata: [LogKey.group: "\(id)"])
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

    /// Runs `keep` if this member may commit; see
    /// ``GroupStateMachine/receivedCommit(memberID:instanceID:generation:now:)``.
    ///
    /// The group stands still meanwhile: a commit that was allowed cannot be kept after one of the next generation.
    ///
    /// - Returns: why it may not, else what `keep` returned.
    package func commit(
        group id: String,
        memberID: String,
        instanceID: String?,
        generation: Int32,
        _ keep: () -> ErrorCode
    ) -> ErrorCode {
        guard let group = find(id) else {
            if generation >= 0 { return .illegalGeneration }
            // There is no group to hold still: then none is made meanwhile, or the commit is its business after all.
            let outcome = groups.withLock { groups in groups[id] == nil ? keep() : nil }
            return outcome
                ?? commit(group: id, memberID: memberID, instanceID: instanceID, generation: generation, keep)
        }
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

    /// Forgets groups that have had no members since they were last looked at; their offsets are kept elsewhere.
    package func forgetIdleGroups() {
        groups.withLock { groups in
            groups = groups.filter { !$0.value.closeIfIdle() }
        }
    }

    /// Whether a group has members, or had some a moment ago.
    package func isInUse(_ id: String) -> Bool { find(id) != nil }

    /// What the members of all groups keep here.
    package var byteCount: Int { allBytes.count }

    /// Answers everybody who waits, and takes no further members.
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
            logger.warning("join refused: there are as many groups as may be", metadata: [LogKey.group: "\(id)"])
        }
        return group
    }
}
