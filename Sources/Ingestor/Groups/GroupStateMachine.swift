package import KafkaProtocol
package import NIOCore

/// One consumer group of Kafka's classic protocol: who is a member, which generation it is, who leads, what is assigned.
///
/// Pure: requests and the passing of time come in as events with the time of day beside them, answers come out as
/// ``GroupAction``s. It never looks into a member's metadata or assignment, so eager and cooperative assignors, Connect's
/// protocol and any other pass through it alike.
///
/// ```
///            join                 all joined, or deadline                leader's sync
///  empty ─────────▶ preparingRebalance ─────────────▶ completingRebalance ─────────────▶ stable
///    ▲                  │   ▲     ▲                            │                           │
///    └── no members ────┘   │     └──── join, leave, expiry ───┘                           │
///                           └───────────────── join, leave, expiry ───────────────────────┘
/// ```
///
/// Sources: Kafka's `GroupCoordinator`; KIP-62 (rebalance timeout), KIP-134 (initial delay), KIP-345 (static members),
/// KIP-394 (member id required), KIP-814 (static leader without a new assignment).
package struct GroupStateMachine: Sendable {
    /// The state of a group; the names are Kafka's.
    package enum Phase: Sendable, Equatable {
        /// No members. There may be committed offsets.
        case empty
        /// Waits for its members to join the next generation, until the deadline.
        case preparingRebalance(PendingRebalance)
        /// All members joined; waits for the leader's assignment.
        case completingRebalance
        /// All members have an assignment.
        case stable
        /// Removed: callers that still hold it look the group up again.
        case dead
    }

    /// A rebalance that waits for members.
    package struct PendingRebalance: Sendable, Equatable {
        /// When it completes with the members that have joined.
        fileprivate(set) var deadline: NIODeadline
        /// Set during the initial delay of an empty group: how much longer the rebalance may be extended.
        fileprivate(set) var extensionLeft: TimeAmount?
        /// Whether a member joined since it was last extended.
        fileprivate(set) var memberArrived = false
    }

    private let settings: GroupSettings

    package private(set) var phase = Phase.empty
    private var current = GroupGeneration()
    private var members = GroupMembers()
    /// Member ids that were assigned and have not joined yet, with the time at which they expire.
    private var pendingMembers: [String: NIODeadline] = [:]
    /// When members that have not asked for their assignment are removed; `nil` when all have.
    private var syncDeadline: NIODeadline?

    package init(settings: GroupSettings) {
        self.settings = settings
    }

    /// A group that is left with these members after it had some of the other protocol: they are to join again, since nobody
    /// leads them yet.
    init(settings: GroupSettings, taking carried: [ClassicMember], epoch: Int32, now: NIODeadline) {
        self.settings = settings
        current.number = epoch
        current.protocolType = ConsumerSubscription.protocolType
        for member in carried { members.put(GroupMember(member, arrival: members.nextArrival(), now: now)) }
        phase = .preparingRebalance(PendingRebalance(deadline: now + members.longestRebalanceTimeout))
    }

    /// Incremented by every completed rebalance; 0 before the first.
    package var generation: Int32 { current.number }
    package var protocolType: String? { current.protocolType }
    package var protocolName: String? { current.protocolName }
    package var leaderID: String? { current.leaderID }

    /// The members' ids, in the order of their arrival.
    package var memberIDs: [String] { members.inOrder.map(\.id) }

    /// The group as tools are told of it.
    package var description: GroupDescription {
        // Before a protocol is chosen there is the one that would be.
        let name = protocolName ?? members.commonProtocol
        return GroupDescription(
            state: phase.state,
            protocolType: protocolType ?? "",
            protocolName: protocolName,
            members: members.inOrder.map {
                GroupDescription.Member(
                    id: $0.id,
                    instanceID: $0.instanceID,
                    client: $0.client,
                    metadata: $0.metadata(for: name),
                    assignment: $0.assignment
                )
            }
        )
    }

    /// What the members keep here: names, metadata and assignments.
    package var byteCount: Int { members.byteCount }

    /// Whether nothing would be lost if the group were removed (its offsets are kept elsewhere).
    package var isIdle: Bool { members.isEmpty && pendingMembers.isEmpty && (phase == .empty || phase == .dead) }

    /// The next moment at which ``deadlineReached(now:)`` has something to do.
    package var nextDeadline: NIODeadline? {
        var next = syncDeadline
        func consider(_ deadline: NIODeadline?) {
            guard let deadline else { return }
            next = next.map { min($0, deadline) } ?? deadline
        }
        if case .preparingRebalance(let rebalance) = phase { consider(rebalance.deadline) }
        for member in members.all { consider(member.deadline) }
        for deadline in pendingMembers.values { consider(deadline) }
        return next
    }

    /// The ingestor stops: waiting members are told to look up their coordinator again.
    package mutating func closed() -> [GroupAction] {
        var actions: [GroupAction] = []
        for member in members.inOrder {
            if let token = member.waitingJoin {
                actions.append(.answerJoin(token, .failed(.notCoordinator, memberID: member.id)))
            }
            if let token = member.waitingSync { actions.append(.answerSync(token, .failed(.notCoordinator))) }
        }
        members.removeAll()
        pendingMembers.removeAll()
        syncDeadline = nil
        phase = .dead
        return actions
    }

    /// The members as they go into a group of the other protocol, with their joins that wait; and the syncs that wait, whose
    /// members have to join again there.
    var carried: (members: [ClassicMember], syncs: [ReplyToken]) {
        let all = members.inOrder
        return (all.map { $0.carried(from: generation) }, all.compactMap(\.waitingSync))
    }

    // MARK: Join

    /// A member asks to be in the next generation. Its answer may come at once or with a later event.
    package mutating func receivedJoin(_ join: GroupJoin, now: NIODeadline) -> [GroupAction] {
        var actions: [GroupAction] = []
        if let problem = check(join) {
            actions.refuse(join, with: problem)
        } else if join.memberID.isEmpty {
            joinWithoutID(join, now: now, &actions)
        } else if pendingMembers[join.memberID] != nil {
            joinPending(join, now: now, &actions)
        } else if let problem = members.check(join.memberID, instanceID: join.instanceID) {
            actions.refuse(join, with: problem)
        } else {
            rejoin(join, now: now, &actions)
        }
        return actions
    }

    /// The connection that waited for a join or a sync is gone. A member that waited for a join is kept no longer than
    /// its session: without this, a crashed client would count as joined and block the others in the next phase.
    package mutating func abandoned(_ token: ReplyToken, now: NIODeadline) {
        for id in members.ids {
            members.update(id) { member in
                if member.waitingJoin == token {
                    member.waitingJoin = nil
                    member.firstJoinDeadline = nil
                    member.recordHeartbeat(now: now)
                } else if member.waitingSync == token {
                    member.waitingSync = nil
                    member.hasSynced = false
                    member.recordHeartbeat(now: now)
                }
            }
        }
    }

    private func check(_ join: GroupJoin) -> ErrorCode? {
        if phase == .dead { return .coordinatorNotAvailable }
        if join.sessionTimeout < settings.sessionTimeoutMin || join.sessionTimeout > settings.sessionTimeoutMax {
            return .invalidSessionTimeout
        }
        if join.protocols.count > settings.protocolsMax { return .invalidRequest }
        let before = members.duplicate(of: join)?.byteCount ?? 0
        if members.byteCount - before + join.byteCount > settings.bytesMax { return .groupMaxSizeReached }
        return offersCommonProtocol(join) ? nil : .inconsistentGroupProtocol
    }

    /// Whether the group could still choose a protocol that all members support, with this member in it.
    private func offersCommonProtocol(_ join: GroupJoin) -> Bool {
        guard !join.protocolType.isEmpty, !join.protocols.isEmpty else { return false }
        if members.isEmpty { return true }
        return join.protocolType == protocolType && members.haveCommonProtocol(with: join)
    }

    private mutating func joinWithoutID(_ join: GroupJoin, now: NIODeadline, _ actions: inout [GroupAction]) {
        if let instanceID = join.instanceID, let current = members.id(ofInstance: instanceID) {
            replaceStaticMember(current, by: join, now: now, &actions)
            return
        }
        guard members.count + pendingMembers.count < settings.membersMax else {
            actions.refuse(join, with: .groupMaxSizeReached)
            return
        }
        if join.instanceID == nil, join.mustKnowMemberID {
            pendingMembers[join.proposedMemberID] = now + join.sessionTimeout
            actions.append(
                .answerJoin(join.token, .failed(.memberIDRequired, memberID: join.proposedMemberID))
            )
            return
        }
        add(join, as: join.proposedMemberID, now: now, &actions)
    }

    private mutating func joinPending(_ join: GroupJoin, now: NIODeadline, _ actions: inout [GroupAction]) {
        guard join.instanceID == nil else {
            actions.refuse(join, with: .unknownMemberID)
            return
        }
        pendingMembers[join.memberID] = nil
        add(join, as: join.memberID, now: now, &actions)
    }

    private mutating func add(
        _ join: GroupJoin,
        as memberID: String,
        now: NIODeadline,
        _ actions: inout [GroupAction]
    ) {
        if members.isEmpty { current.protocolType = join.protocolType }
        var member = GroupMember(join, id: memberID, arrival: members.nextArrival(), now: now)
        member.waitingJoin = join.token
        member.firstJoinDeadline = now + settings.newMemberJoinTimeout
        members.put(member)
        if leaderID == nil { current.leaderID = memberID }
        if case .preparingRebalance(var rebalance) = phase {
            rebalance.memberArrived = true
            phase = .preparingRebalance(rebalance)
        }
        rebalance(now: now, &actions)
    }

    private mutating func rejoin(_ join: GroupJoin, now: NIODeadline, _ actions: inout [GroupAction]) {
        guard let member = members[join.memberID] else { return }
        switch phase {
        case .completingRebalance where member.protocols == join.protocols,
            .stable where member.protocols == join.protocols && leaderID != member.id:
            // The answer to its join was lost, or nothing changed for a follower: the same answer again.
            members.update(member.id) { $0.recordHeartbeat(now: now) }
            actions.append(.answerJoin(join.token, current.joinAnswer(to: member, of: members)))
        case .preparingRebalance, .completingRebalance, .stable:
            if let superseded = member.waitingJoin {
                actions.append(.answerJoin(superseded, .failed(.rebalanceInProgress, memberID: join.memberID)))
            }
            members.put(member.rejoining(join, now: now))
            rebalance(now: now, &actions)
        case .empty, .dead:
            actions.refuse(join, with: .unknownMemberID)
        }
    }

    /// A static member rejoined without its member id (it was restarted): it gets a new one and its old place.
    ///
    /// The old id is fenced at once, also where a request of it still waits. In a stable group whose protocol stays the
    /// same there is no rebalance: that is what static membership is for (KIP-345).
    private mutating func replaceStaticMember(
        _ oldID: String,
        by join: GroupJoin,
        now: NIODeadline,
        _ actions: inout [GroupAction]
    ) {
        guard let old = members.remove(oldID) else { return }
        if let token = old.waitingJoin {
            actions.append(.answerJoin(token, .failed(.fencedInstanceID, memberID: oldID)))
        }
        if let token = old.waitingSync { actions.append(.answerSync(token, .failed(.fencedInstanceID))) }
        let newID = join.proposedMemberID
        let oldLeaderID = leaderID
        members.put(GroupMember(join, id: newID, replacing: old, now: now))
        if leaderID == oldID { current.leaderID = newID }

        if phase == .stable, members.commonProtocol == protocolName {
            let answer = current.joinAnswer(toReturning: newID, oldLeaderID: oldLeaderID, join, of: members)
            actions.append(.answerJoin(join.token, answer))
        } else {
            members.update(newID) { $0.waitingJoin = join.token }
            rebalance(now: now, &actions)
        }
    }

    // MARK: Sync

    /// A member of the new generation asks for its assignment; the leader's request has those of all members.
    package mutating func receivedSync(_ sync: GroupSync, now: NIODeadline) -> [GroupAction] {
        if let problem = check(sync) { return [.answerSync(sync.token, .failed(problem))] }
        var actions: [GroupAction] = []
        switch phase {
        case .empty, .dead:
            actions.append(.answerSync(sync.token, .failed(.unknownMemberID)))
        case .preparingRebalance:
            members.update(sync.memberID) { $0.recordHeartbeat(now: now) }
            actions.append(.answerSync(sync.token, .failed(.rebalanceInProgress)))
        case .completingRebalance:
            if let superseded = members[sync.memberID]?.waitingSync {
                actions.append(.answerSync(superseded, .failed(.rebalanceInProgress)))
            }
            members.update(sync.memberID) { member in
                member.waitingSync = sync.token
                member.hasSynced = true
            }
            if sync.memberID == leaderID { assign(sync.assignments, now: now, &actions) }
        case .stable:
            members.update(sync.memberID) { member in
                member.hasSynced = true
                member.recordHeartbeat(now: now)
            }
            actions.append(.answerSync(sync.token, current.syncAnswer(with: members[sync.memberID]?.assignment)))
        }
        if members.haveAllSynced { syncDeadline = nil }
        return actions
    }

    private func check(_ sync: GroupSync) -> ErrorCode? {
        if phase == .dead { return .coordinatorNotAvailable }
        if let problem = members.check(sync.memberID, instanceID: sync.instanceID) { return problem }
        if !isCurrent(sync.generation, for: sync.memberID) { return .illegalGeneration }
        if let type = sync.protocolType, type != protocolType { return .inconsistentGroupProtocol }
        if let name = sync.protocolName, let chosen = protocolName, name != chosen { return .inconsistentGroupProtocol }
        return nil
    }

    private mutating func assign(
        _ assignments: [String: ByteBuffer],
        now: NIODeadline,
        _ actions: inout [GroupAction]
    ) {
        phase = .stable
        for member in members.inOrder {
            let assignment = assignments[member.id] ?? ByteBuffer()
            members.setAssignment(of: member.id, to: assignment)
            guard let token = member.waitingSync else { continue }
            members.update(member.id) { member in
                member.waitingSync = nil
                member.recordHeartbeat(now: now)
            }
            actions.append(.answerSync(token, current.syncAnswer(with: assignment)))
        }
    }

    // MARK: Heartbeat, commit, leave

    /// A member's heartbeat.
    ///
    /// - Returns: `.none`, or what the member has to know: above all ``ErrorCode/rebalanceInProgress``.
    package mutating func receivedHeartbeat(
        memberID: String,
        instanceID: String?,
        generation: Int32,
        now: NIODeadline
    ) -> ErrorCode {
        if phase == .dead { return .coordinatorNotAvailable }
        if let problem = members.check(memberID, instanceID: instanceID) { return problem }
        if !isCurrent(generation, for: memberID) { return .illegalGeneration }
        members.update(memberID) { $0.recordHeartbeat(now: now) }
        if case .preparingRebalance = phase { return .rebalanceInProgress }
        return .none
    }

    /// Whether this member may commit offsets in this generation. A commit counts as a heartbeat.
    ///
    /// A commit without a generation (-1) comes from a client that assigns partitions to itself; it is accepted while the
    /// group has no members. Every other one has to come from a member of the current generation: a member that was
    /// removed can never move the group's offsets again.
    package mutating func receivedCommit(
        memberID: String,
        instanceID: String?,
        generation: Int32,
        now: NIODeadline
    ) -> ErrorCode {
        if phase == .dead { return .coordinatorNotAvailable }
        if generation < 0, members.isEmpty { return .none }
        if let problem = members.check(memberID, instanceID: instanceID) { return problem }
        if !isCurrent(generation, for: memberID) { return .illegalGeneration }
        members.update(memberID) { $0.recordHeartbeat(now: now) }
        return phase == .completingRebalance ? .rebalanceInProgress : .none
    }

    /// Whether a member's request is of this generation, or of the epoch that it had in a group of the other protocol.
    private func isCurrent(_ generation: Int32, for memberID: String) -> Bool {
        generation == self.generation || members[memberID]?.formerEpoch == generation
    }

    /// A member leaves; a static one may be named by its instance alone.
    ///
    /// - Returns: whether it was a member, and the answers that follow from its leaving.
    package mutating func receivedLeave(
        memberID: String,
        instanceID: String?,
        now: NIODeadline
    ) -> (error: ErrorCode, actions: [GroupAction]) {
        var actions: [GroupAction] = []
        if phase == .dead { return (.coordinatorNotAvailable, actions) }
        if pendingMembers.removeValue(forKey: memberID) != nil {
            completePendingRebalance(now: now, &actions)
            return (.none, actions)
        }
        var id = memberID
        if let instanceID, memberID.isEmpty {
            guard let current = members.id(ofInstance: instanceID) else { return (.unknownMemberID, actions) }
            id = current
        }
        if let problem = members.check(id, instanceID: instanceID) { return (problem, actions) }
        remove([id], now: now, &actions)
        return (.none, actions)
    }

    // MARK: Time

    /// Removes members whose session has expired, and completes what has waited long enough.
    package mutating func deadlineReached(now: NIODeadline) -> [GroupAction] {
        var actions: [GroupAction] = []
        let expired = pendingMembers.filter { $0.value <= now }.keys
        for id in expired { pendingMembers[id] = nil }
        if !expired.isEmpty { completePendingRebalance(now: now, &actions) }

        let silent = members.inOrder.filter { member in member.deadline.map { $0 <= now } ?? false }
        remove(silent.map(\.id), now: now, &actions)

        if let deadline = syncDeadline, deadline <= now {
            syncDeadline = nil
            remove(members.inOrder.filter { !$0.hasSynced }.map(\.id), now: now, &actions)
        }
        if case .preparingRebalance(let rebalance) = phase, rebalance.deadline <= now {
            rebalanceDeadlineReached(rebalance, now: now, &actions)
        }
        return actions
    }

    private mutating func remove(_ ids: [String], now: NIODeadline, _ actions: inout [GroupAction]) {
        guard !ids.isEmpty else { return }
        for id in ids {
            guard let member = remove(id) else { continue }
            if let token = member.waitingJoin {
                actions.append(.answerJoin(token, .failed(.unknownMemberID, memberID: id)))
            }
            if let token = member.waitingSync { actions.append(.answerSync(token, .failed(.unknownMemberID))) }
        }
        rebalance(now: now, &actions)
    }

    /// The caller answers what waits for the member.
    @discardableResult
    private mutating func remove(_ id: String) -> GroupMember? {
        if leaderID == id { current.leaderID = nil }
        return members.remove(id)
    }

    private mutating func completePendingRebalance(now: NIODeadline, _ actions: inout [GroupAction]) {
        if case .preparingRebalance = phase { rebalance(now: now, &actions) }
    }

    // MARK: Rebalance

    /// Something changed that the next generation must know: start a rebalance, or see whether the pending one is complete.
    private mutating func rebalance(now: NIODeadline, _ actions: inout [GroupAction]) {
        switch phase {
        case .empty:
            let longest = members.longestRebalanceTimeout
            let delay = min(settings.initialRebalanceDelay, longest)
            phase = .preparingRebalance(
                PendingRebalance(deadline: now + delay, extensionLeft: longest - delay)
            )
            if delay == .zero { completeJoin(now: now, &actions) }
        case .stable, .completingRebalance:
            for member in members.inOrder {
                guard let token = member.waitingSync else { continue }
                members.update(member.id) { member in
                    member.waitingSync = nil
                    member.recordHeartbeat(now: now)
                }
                actions.append(.answerSync(token, .failed(.rebalanceInProgress)))
            }
            syncDeadline = nil
            phase = .preparingRebalance(PendingRebalance(deadline: now + members.longestRebalanceTimeout))
            completeJoinIfAllJoined(now: now, &actions)
        case .preparingRebalance:
            completeJoinIfAllJoined(now: now, &actions)
        case .dead:
            break
        }
    }

    private mutating func rebalanceDeadlineReached(
        _ rebalance: PendingRebalance,
        now: NIODeadline,
        _ actions: inout [GroupAction]
    ) {
        if let left = rebalance.extensionLeft, left > .zero, rebalance.memberArrived {
            let delay = min(settings.initialRebalanceDelay, left)
            phase = .preparingRebalance(PendingRebalance(deadline: now + delay, extensionLeft: left - delay))
        } else {
            completeJoin(now: now, &actions)
        }
    }

    private mutating func completeJoinIfAllJoined(now: NIODeadline, _ actions: inout [GroupAction]) {
        guard case .preparingRebalance(let rebalance) = phase, rebalance.extensionLeft == nil,
            pendingMembers.isEmpty, members.haveAllJoined
        else { return }
        completeJoin(now: now, &actions)
    }

    /// Completes the rebalance with the members that have joined: a new generation, or an empty group.
    private mutating func completeJoin(now: NIODeadline, _ actions: inout [GroupAction]) {
        for member in members.inOrder where member.waitingJoin == nil && member.instanceID == nil { remove(member.id) }
        if members.isEmpty {
            current.number += 1
            current.protocolName = nil
            current.leaderID = nil
            phase = .empty
            return
        }
        let joined = members.inOrder.filter { $0.waitingJoin != nil }
        guard let eldest = joined.first else {
            // Only static members, none of which has rejoined yet: they have until their sessions end.
            phase = .preparingRebalance(PendingRebalance(deadline: now + members.longestRebalanceTimeout))
            return
        }
        if !joined.contains(where: { $0.id == leaderID }) { current.leaderID = eldest.id }
        startGeneration(now: now, &actions)
    }

    private mutating func startGeneration(now: NIODeadline, _ actions: inout [GroupAction]) {
        current.number += 1
        current.protocolName = members.commonProtocol
        phase = .completingRebalance
        syncDeadline = now + members.longestRebalanceTimeout
        for member in members.inOrder {
            members.update(member.id) { updated in
                updated.waitingJoin = nil
                updated.hasSynced = false
                updated.firstJoinDeadline = nil
                updated.formerEpoch = nil
                if member.waitingJoin != nil { updated.recordHeartbeat(now: now) }
            }
            if let token = member.waitingJoin {
                actions.append(.answerJoin(token, current.joinAnswer(to: member, of: members)))
            }
        }
    }
}

extension [GroupAction] {
    /// Answers the join with an error and the member id that it came with.
    fileprivate mutating func refuse(_ join: GroupJoin, with error: ErrorCode) {
        append(.answerJoin(join.token, .failed(error, memberID: join.memberID)))
    }
}
