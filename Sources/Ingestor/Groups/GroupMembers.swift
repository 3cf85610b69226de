import KafkaProtocol
import NIOCore

/// The members of one group by id, with what follows from them: static members by instance, the protocols that all support,
/// and how many bytes they keep in memory.
struct GroupMembers {
    private var members: [String: GroupMember] = [:]
    private var support = ProtocolSupport()
    /// The member id behind each static member's `group.instance.id`.
    private var staticMembers: [String: String] = [:]
    private var arrivals: UInt64 = 0
    /// Names, metadata and assignments of all members.
    private(set) var byteCount = 0

    var isEmpty: Bool { members.isEmpty }
    var count: Int { members.count }
    var ids: [String] { Array(members.keys) }
    var all: some Collection<GroupMember> { members.values }

    /// By arrival: members are listed and elected in this order.
    var inOrder: [GroupMember] { members.values.sorted { $0.arrival < $1.arrival } }

    /// Whether every member has asked for its assignment in this generation.
    var haveAllSynced: Bool { members.values.allSatisfy(\.hasSynced) }

    /// Whether every member waits for the next generation.
    var haveAllJoined: Bool { members.values.allSatisfy { $0.waitingJoin != nil } }

    var longestRebalanceTimeout: TimeAmount { members.values.map(\.rebalanceTimeout).max() ?? .zero }

    subscript(id: String) -> GroupMember? { members[id] }

    /// The id of the member that is known by this instance.
    func id(ofInstance instanceID: String) -> String? { staticMembers[instanceID] }

    /// The member that this join comes from, or whose place it takes.
    func duplicate(of join: GroupJoin) -> GroupMember? {
        members[join.instanceID.flatMap { staticMembers[$0] } ?? join.memberID]
    }

    /// Whether this is a member of the group; Kafka's error where it is not.
    func check(_ memberID: String, instanceID: String?) -> ErrorCode? {
        if let instanceID {
            guard let current = staticMembers[instanceID] else { return .unknownMemberID }
            if current != memberID { return .fencedInstanceID }
        }
        return members[memberID] == nil ? .unknownMemberID : nil
    }

    // MARK: Protocols

    /// Whether all members would still support a common protocol with this member in the group.
    func haveCommonProtocol(with join: GroupJoin) -> Bool {
        support.hasCommon(with: join.protocols, inPlaceOf: duplicate(of: join)?.protocols)
    }

    /// The protocol that most members prefer, of those that all support.
    var commonProtocol: String? {
        let all = inOrder
        guard let first = all.first else { return nil }
        let common = first.protocols.map(\.name).filter { support.isCommon($0) }
        let commonNames = Set(common)
        var votes: [String: Int] = [:]
        for member in all {
            if let vote = member.protocols.first(where: { commonNames.contains($0.name) }) {
                votes[vote.name, default: 0] += 1
            }
        }
        return common.max { (votes[$0] ?? 0) < (votes[$1] ?? 0) }
    }

    // MARK: Changes

    /// The next place in the order of arrival.
    mutating func nextArrival() -> UInt64 {
        arrivals += 1
        return arrivals
    }

    /// Adds a member, or replaces what is known about it.
    mutating func put(_ member: GroupMember) {
        if let before = members.updateValue(member, forKey: member.id) { count(before, -1) }
        count(member, 1)
        if let instanceID = member.instanceID { staticMembers[instanceID] = member.id }
    }

    @discardableResult
    mutating func remove(_ id: String) -> GroupMember? {
        guard let member = members.removeValue(forKey: id) else { return nil }
        count(member, -1)
        if let instanceID = member.instanceID, staticMembers[instanceID] == id { staticMembers[instanceID] = nil }
        return member
    }

    mutating func removeAll() {
        members.removeAll()
        support = ProtocolSupport()
        staticMembers.removeAll()
        byteCount = 0
    }

    /// Changes what is waited for, or when; without effect where there is no such member.
    mutating func update(_ id: String, _ change: (inout GroupMember) -> Void) {
        guard let index = members.index(forKey: id) else { return }
        change(&members.values[index])
    }

    mutating func setAssignment(of id: String, to assignment: ByteBuffer) {
        guard let before = members[id]?.assignment else { return }
        byteCount += assignment.readableBytes - before.readableBytes
        update(id) { $0.assignment = assignment }
    }

    private mutating func count(_ member: GroupMember, _ sign: Int) {
        byteCount += sign * member.byteCount
        if sign > 0 { support.add(member.protocols) } else { support.remove(member.protocols) }
    }
}

/// What a group knows of one member.
struct GroupMember {
    let id: String
    let instanceID: String?
    let client: GroupClient
    /// The member's place in the order of arrival.
    let arrival: UInt64
    private(set) var sessionTimeout: TimeAmount
    private(set) var rebalanceTimeout: TimeAmount
    /// In the member's order of preference.
    private(set) var protocols: [GroupProtocol]
    /// The join that waits for the next generation.
    var waitingJoin: ReplyToken?
    /// The sync that waits for the leader's assignment.
    var waitingSync: ReplyToken?
    /// Whether it has asked for its assignment in this generation.
    var hasSynced = false
    /// What it was told to do, until it joins again.
    fileprivate(set) var assignment = ByteBuffer()
    /// The epoch that it has from a group of the other protocol, until it joins.
    var formerEpoch: Int32?
    /// When its session ends unless it sends something before; does not apply while it waits for the group.
    private(set) var sessionDeadline: NIODeadline
    /// When the first join of a new member is given up.
    var firstJoinDeadline: NIODeadline?

    /// A new member.
    init(_ join: GroupJoin, id: String, arrival: UInt64, now: NIODeadline) {
        self.id = id
        instanceID = join.instanceID
        client = join.client
        self.arrival = arrival
        sessionTimeout = join.sessionTimeout
        rebalanceTimeout = join.rebalanceTimeout
        protocols = join.protocols
        sessionDeadline = now + join.sessionTimeout
    }

    /// A static member that was restarted: it takes the place and the assignment of its predecessor.
    init(_ join: GroupJoin, id: String, replacing predecessor: GroupMember, now: NIODeadline) {
        self.init(join, id: id, arrival: predecessor.arrival, now: now)
        hasSynced = predecessor.hasSynced
        assignment = predecessor.assignment
    }

    /// A member of a group that spoke the other protocol as well.
    init(_ carried: ClassicMember, arrival: UInt64, now: NIODeadline) {
        self.init(carried.join(ReplyToken(0)), id: carried.id, arrival: arrival, now: now)
        formerEpoch = carried.generation
        assignment = carried.assignment
    }

    /// When the group gives this member up, as things are.
    var deadline: NIODeadline? {
        if waitingJoin != nil { return firstJoinDeadline }
        if waitingSync != nil { return nil }
        return sessionDeadline
    }

    var byteCount: Int {
        let own = id.utf8.count + (instanceID?.utf8.count ?? 0) + client.byteCount
        return protocols.reduce(own + assignment.readableBytes) { $0 + $1.byteCount }
    }

    /// Extends the session.
    mutating func recordHeartbeat(now: NIODeadline) {
        sessionDeadline = now + sessionTimeout
    }

    /// This member with what it says in `join`; it waits for the next generation.
    func rejoining(_ join: GroupJoin, now: NIODeadline) -> GroupMember {
        var member = self
        member.protocols = join.protocols
        member.sessionTimeout = join.sessionTimeout
        member.rebalanceTimeout = join.rebalanceTimeout
        member.waitingJoin = join.token
        member.assignment = ByteBuffer()
        member.formerEpoch = nil
        member.recordHeartbeat(now: now)
        return member
    }

    /// This member as it goes into a group of the other protocol.
    func carried(from generation: Int32) -> ClassicMember {
        ClassicMember(
            id: id,
            instanceID: instanceID,
            client: client,
            sessionTimeout: sessionTimeout,
            rebalanceTimeout: rebalanceTimeout,
            protocols: protocols,
            generation: formerEpoch ?? generation,
            assignment: assignment,
            waitingJoin: waitingJoin
        )
    }

    /// Its metadata for the protocol that was chosen.
    func metadata(for protocolName: String?) -> ByteBuffer {
        protocols.first { $0.name == protocolName }?.metadata ?? ByteBuffer()
    }
}
