import KafkaProtocol
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
///    └── nobody left ───┘   │     └──── join, leave, expiry ───┘                           │
///                           └───────────────── join, leave, expiry ───────────────────────┘
/// ```
///
/// Sources: Kafka's `GroupCoordinator`; KIP-62 (rebalance timeout), KIP-134 (initial delay), KIP-345 (static members),
/// KIP-394 (a member's name before it counts), KIP-814 (static leader without a new assignment).
package struct GroupStateMachine: Sendable {
    let settings: GroupSettings

    package internal(set) var phase = GroupPhase.empty
    /// Grows by one with every rebalance that is done; 0 before the first.
    package internal(set) var generation: Int32 = 0
    package internal(set) var protocolType: String?
    package internal(set) var protocolName: String?
    package internal(set) var leaderID: String?

    var members: [String: GroupMember] = [:]
    /// How many members offer each protocol.
    private(set) var supporters: [String: Int] = [:]
    /// What the members keep here: names, metadata and assignments.
    package private(set) var byteCount = 0
    /// The member's name behind each static member's.
    var staticMembers: [String: String] = [:]
    /// Names that were handed out and have not joined yet, with the moment at which they lapse.
    var namedButAbsent: [String: NIODeadline] = [:]
    /// When members that have not asked for their assignment are given up; `nil` when all have.
    var syncDeadline: NIODeadline?
    private var arrivals: UInt64 = 0

    package init(settings: GroupSettings) {
        self.settings = settings
    }

    /// The members' names, in the order of their arrival.
    package var memberIDs: [String] { membersInOrder.map(\.id) }

    /// Whether nothing would be lost if the group were forgotten (its offsets are kept elsewhere).
    package var isIdle: Bool { members.isEmpty && namedButAbsent.isEmpty && (phase == .empty || phase == .dead) }

    /// The next moment at which ``deadlineReached(now:)`` has something to do.
    package var nextDeadline: NIODeadline? {
        var next = syncDeadline
        func consider(_ deadline: NIODeadline?) {
            guard let deadline else { return }
            next = next.map { min($0, deadline) } ?? deadline
        }
        if case .preparingRebalance(let rebalance) = phase { consider(rebalance.deadline) }
        for member in members.values { consider(member.deadline) }
        for deadline in namedButAbsent.values { consider(deadline) }
        return next
    }

    var membersInOrder: [GroupMember] { members.values.sorted { $0.arrival < $1.arrival } }

    /// A member is heard of: is it one, and may it speak for this generation?
    ///
    /// - Returns: `nil` where it is a member, else Kafka's error for who it says it is.
    func problem(withMember memberID: String, instanceID: String?) -> ErrorCode? {
        if let instanceID {
            guard let current = staticMembers[instanceID] else { return .unknownMemberID }
            if current != memberID { return .fencedInstanceID }
        }
        return members[memberID] == nil ? .unknownMemberID : nil
    }

    /// The group is given up (the ingestor stops): whoever waits is told to look for its coordinator again.
    package mutating func closed() -> [GroupAction] {
        var actions: [GroupAction] = []
        for member in membersInOrder {
            if let token = member.waitingJoin {
                actions.append(.answerJoin(token, .failed(.notCoordinator, memberID: member.id)))
            }
            if let token = member.waitingSync { actions.append(.answerSync(token, .failed(.notCoordinator))) }
        }
        members.removeAll()
        supporters.removeAll()
        byteCount = 0
        staticMembers.removeAll()
        namedButAbsent.removeAll()
        syncDeadline = nil
        phase = .dead
        return actions
    }

    /// Takes a member in, or what it says now.
    mutating func keep(_ member: GroupMember) {
        if let before = members.updateValue(member, forKey: member.id) { count(before, -1) }
        count(member, 1)
    }

    /// Takes a member out.
    @discardableResult
    mutating func drop(_ id: String) -> GroupMember? {
        guard let member = members.removeValue(forKey: id) else { return nil }
        count(member, -1)
        return member
    }

    mutating func setAssignment(of id: String, to assignment: ByteBuffer) {
        guard let before = members[id]?.assignment else { return }
        byteCount += assignment.readableBytes - before.readableBytes
        members[id]?.assignment = assignment
    }

    private mutating func count(_ member: GroupMember, _ sign: Int) {
        byteCount += sign * member.byteCount
        for name in Set(member.protocols.map(\.name)) {
            let count = supporters[name, default: 0] + sign
            supporters[name] = count == 0 ? nil : count
        }
    }

    mutating func nextArrival() -> UInt64 {
        arrivals += 1
        return arrivals
    }
}
