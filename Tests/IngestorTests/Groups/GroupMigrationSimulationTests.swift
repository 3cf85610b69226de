import Ingestor
import KafkaProtocol
import NIOCore
import PipelineTesting
import Testing

/// Members of both protocols in one group, which change from one to the other, crash, fall silent, lose answers and give up
/// slowly, while topics grow; and what must hold all the while, whichever protocol the group has:
///
/// 1. no partition is used by two members that the group knows;
/// 2. no commit is accepted of a member that the group does not know, or with a generation or epoch that the member has left;
/// 3. the generations and epochs that a member is told only grow;
/// 4. no request is answered twice (the harness stops the test);
/// 5. when the faults end, the group becomes stable in a bounded time: every partition has a user, all members are in it, and
///    the group has the protocol that its members ask for.
@Suite struct GroupMigrationSimulationTests {
    private struct Violation: Error, CustomStringConvertible {
        let description: String
    }

    @Test(arguments: Seeds.chosen(Array(1...120)))
    func invariantsHold(seed: UInt64) throws {
        try withSeed(seed) { generator in
            var world = MigrationWorld(
                memberCount: Int.random(in: 1...6, using: &generator),
                policy: generator.chance(1, in: 4) ? .upgrade : .bidirectional,
                using: &generator
            )
            for _ in 0..<500 {
                world.step(using: &generator)
                if let problem = world.problem { throw Violation(description: problem) }
            }
            for _ in 0..<200 {
                for place in world.members.indices { world.act(place, loses: false, using: &generator) }
                world.group.advance(.seconds(1))
                if let problem = world.problem { throw Violation(description: problem) }
                if world.isSettled { return }
            }
            throw Violation(
                description: "not stable in 200 s: \(world.group.machine.description), \(world.members)"
            )
        }
    }
}

/// A group, its members as they see themselves, and what changes around them.
private struct MigrationWorld {
    var group: ConsumerGroupHarness
    private(set) var members: [SimulatedMigrant] = []
    private let policy: GroupMigrationPolicy
    private var count = 0
    /// Lives that are over, whose commits must not be taken.
    private var ghosts: [(id: String, number: Int32)] = []

    init(memberCount: Int, policy: GroupMigrationPolicy, using generator: inout SeededGenerator) {
        self.policy = policy
        let delay: TimeAmount = generator.chance(1, in: 2) ? .zero : .milliseconds(100)
        group = ConsumerGroupHarness(["a": 3, "b": 2]) {
            $0.migrationPolicy = policy
            $0.initialRebalanceDelay = delay
        }
        for place in 0..<memberCount { members.append(newMember(at: place, using: &generator)) }
    }

    private mutating func newMember(at place: Int, using generator: inout SeededGenerator) -> SimulatedMigrant {
        count += 1
        let dialect = SimulatedMigrant.Dialect.allCases.randomElement(using: &generator) ?? .eager
        return SimulatedMigrant(name: "m\(count)", instance: place % 3 == 0 ? "i\(place)" : nil, dialect: dialect)
    }

    mutating func step(using generator: inout SeededGenerator) {
        let place = members.indices.randomElement(using: &generator) ?? 0
        switch Int.random(in: 0..<40, using: &generator) {
        case 0:
            let name = ["a", "b"].randomElement(using: &generator) ?? "a"
            let count = group.view.topics[name]?.partitionCount ?? 0
            if count < 8 { group.make(name, count + 1) }
        case 1: restart(place, using: &generator)
        case 2, 3:
            // It stops in order, and comes back in a version that may speak another protocol.
            members[place].leave(&group, pauses: generator.chance(2, in: 3))
            restart(place, using: &generator)
        case 4...7: group.advance(.milliseconds(Int64.random(in: 1...9_000, using: &generator)))
        case 8: members[place].isSilent.toggle()
        default: if !members[place].isSilent { act(place, loses: generator.chance(1, in: 8), using: &generator) }
        }
    }

    private mutating func restart(_ place: Int, using generator: inout SeededGenerator) {
        ghosts.append((members[place].id, members[place].number))
        members[place].disconnect(&group, isSeen: generator.chance(2, in: 3))
        members[place] = newMember(at: place, using: &generator)
    }

    mutating func act(_ place: Int, loses: Bool, using generator: inout SeededGenerator) {
        members[place].isSilent = false
        members[place].act(&group, loses: loses, using: &generator)
    }

    // MARK: What must hold

    var problem: String? {
        if let member = members.first(where: \.wentBack) { return "an earlier number was told to \(member)" }
        let known = group.knownIDs
        var users: [String: String] = [:]
        for member in members where known.contains(member.id) {
            for topic in member.owned.listed {
                for partition in topic.partitions {
                    let place = "\(topic.topicID)/\(partition)"
                    if let other = users.updateValue(member.id, forKey: place) {
                        return "\(place) is used by \(other) and \(member.id)"
                    }
                }
            }
        }
        return ghostProblem(known)
    }

    private func ghostProblem(_ known: Set<String>) -> String? {
        var group = group
        for ghost in ghosts where !ghost.id.isEmpty && ghost.number > 0 && !known.contains(ghost.id) {
            if group.commit(ghost.id, ghost.number) == .none { return "\(ghost) committed" }
        }
        for member in members where member.number > 1 && !member.id.isEmpty {
            // The group may not have heard yet of a member that was told another number, never the other way round.
            if group.commit(member.id, member.number - 1) == .none, group.commit(member.id, member.number) == .none {
                return "\(member.id) committed as of \(member.number - 1) and of \(member.number)"
            }
        }
        return nil
    }

    var isSettled: Bool {
        guard group.machine.summary.state == .stable, group.knownIDs == Set(members.map(\.id)) else { return false }
        let isNew = members.contains { $0.dialect == .consumer }
        if policy == .bidirectional || isNew {
            guard group.machine.summary.type == (isNew ? .consumer : .classic) else { return false }
        }
        let wanted = group.view.topics.values.reduce(0) { $0 + Int($1.partitionCount) }
        return members.reduce(0) { $0 + $1.owned.count } == wanted
    }
}

/// A client of one of the protocols: it gives up first, then takes, and tells what it has.
private struct SimulatedMigrant {
    enum Dialect: CaseIterable {
        /// Classic; gives up all before it joins.
        case eager
        /// Classic; keeps what it has while it joins.
        case cooperative
        /// Of KIP-848.
        case consumer
    }

    private enum Phase: Equatable {
        case outside, joined, member
        case joining(ReplyToken)
        case syncing(ReplyToken)
    }

    let name: String
    /// How many ids it was to get.
    private var idCount = 0
    let instance: String?
    let dialect: Dialect
    var isSilent = false
    private(set) var id = ""
    /// Its generation or epoch.
    private(set) var number: Int32 = 0
    /// Whether it was told an earlier one.
    private(set) var wentBack = false
    /// What it uses.
    private(set) var owned = PartitionAssignment()
    /// What it was told to use, where it does not yet.
    private var told: PartitionAssignment?
    private var phase = Phase.outside
    /// Whether the group knows all that it says, as far as it knows.
    private var hasSaidAll = false
    /// The members that it assigns to, where it leads; and the topics that it last did so for.
    private var roster: [JoinAnswer.Member] = []
    private var assigned: UInt64?

    init(name: String, instance: String?, dialect: Dialect) {
        self.name = name
        self.instance = instance
        self.dialect = dialect
        if dialect == .consumer { id = name }
    }

    private var protocols: [String] { dialect == .eager ? ["range", "cooperative-sticky"] : ["cooperative-sticky"] }

    /// Its next request, and what it does on the answer.
    mutating func act(_ group: inout ConsumerGroupHarness, loses: Bool, using generator: inout SeededGenerator) {
        guard dialect != .consumer else {
            beat(&group, loses: loses, using: &generator)
            return
        }
        receive(group)
        if loses, phase != .outside, generator.chance(1, in: 2) { return giveUpWaiting(&group) }
        switch phase {
        case .outside: join(&group, using: &generator)
        case .joined: sync(&group)
        case .member:
            // It gives up slowly at times, and tells that it lives meanwhile.
            if told != nil, loses || generator.chance(1, in: 2) { return follow() }
            if let assigned, assigned != group.view.change { return rejoin() }
            fail(group.beatClassic(id, number, instance: instance))
        case .joining, .syncing: break
        }
    }

    mutating func leave(_ group: inout ConsumerGroupHarness, pauses: Bool) {
        if dialect == .consumer {
            guard number > 0 else { return }
            _ = group.beat(id, pauses && instance != nil ? -2 : -1, instance: instance)
        } else if instance == nil, !id.isEmpty {
            // A static member of the classic protocol says nothing.
            _ = group.leaveClassic(id)
        }
    }

    /// It is gone; the group may see the end of its connection.
    func disconnect(_ group: inout ConsumerGroupHarness, isSeen: Bool) {
        switch phase {
        case .joining(let token) where isSeen, .syncing(let token) where isSeen: group.abandon(token)
        case .outside, .joined, .member, .joining, .syncing: break
        }
    }

    // MARK: The classic protocol

    private mutating func join(_ group: inout ConsumerGroupHarness, using generator: inout SeededGenerator) {
        if dialect == .eager { (owned, told) = (PartitionAssignment(), nil) }
        if let told { (owned, self.told) = (told, nil) }
        if !group.knows(id) { number = 0 }
        idCount += 1
        phase = .joining(
            group.joinClassic(
                id,
                ["a", "b"],
                owned: group.named(owned),
                proposed: "\(name)-\(idCount)",
                instance: instance,
                mustKnow: generator.chance(1, in: 2),
                protocols: protocols
            )
        )
        receive(group)
    }

    private mutating func sync(_ group: inout ConsumerGroupHarness) {
        let assignments = roster.isEmpty ? [:] : division(group)
        if !roster.isEmpty { assigned = group.view.change }
        phase = .syncing(group.syncClassic(id, number, instance: instance, assignments: assignments))
        receive(group)
    }

    /// What a cooperative assignor says: nobody gets what another one says that it has.
    private func division(_ group: ConsumerGroupHarness) -> [String: ByteBuffer] {
        let has = roster.map { member in
            let subscription = try? ConsumerSubscription(member.metadata)
            return group.assignment(of: subscription?.owned ?? [])
        }
        let ids = Set(group.view.topics.values.map(\.id))
        let counts = Dictionary(uniqueKeysWithValues: group.view.topics.values.map { ($0.id, $0.partitionCount) })
        let members = zip(roster, has).map { PartitionAssignor.Member(id: $0.id, topics: ids, before: $1) }
        let targets = PartitionAssignor.uniform.assignment(of: counts, to: members)
        var result: [String: ByteBuffer] = [:]
        for (place, member) in roster.enumerated() {
            var mine = group.named(targets[member.id] ?? PartitionAssignment())
            for (other, theirs) in has.enumerated() where other != place {
                for index in mine.indices {
                    let taken = group.named(theirs).first { $0.topic == mine[index].topic }?.partitions ?? []
                    mine[index].partitions.removeAll { taken.contains($0) }
                }
            }
            result[member.id] = ConsumerAssignment(version: 1, topics: mine).encoded
        }
        return result
    }

    /// Looks for answers to what it asked.
    private mutating func receive(_ group: ConsumerGroupHarness) {
        switch phase {
        case .joining(let token): if let answer = group.joins[token] { receive(answer) }
        case .syncing(let token):
            guard let answer = group.syncs[token] else { return }
            guard answer.error == .none else { return fail(answer.error) }
            phase = .member
            told = group.assignment(of: group.told(token) ?? [])
        case .outside, .joined, .member: break
        }
    }

    private mutating func receive(_ answer: JoinAnswer) {
        switch answer.error {
        case .none:
            wentBack = wentBack || answer.generation < number
            (id, number, roster, phase) = (answer.memberID, answer.generation, answer.members, .joined)
            assigned = nil
        case .memberIDRequired: (id, phase) = (answer.memberID, .outside)
        default: fail(answer.error)
        }
    }

    /// Gives up what it has to, and takes what it gets; it joins again to tell that it has given up.
    private mutating func follow() {
        guard let told else { return }
        let hasGivenUp = owned.listed.contains { topic in
            topic.partitions.contains { !told[topic.topicID].contains($0) }
        }
        (owned, self.told) = (told, nil)
        if hasGivenUp { rejoin() }
    }

    private mutating func rejoin() { (phase, assigned) = (.outside, nil) }

    private mutating func fail(_ error: ErrorCode) {
        switch error {
        case .none: return
        case .rebalanceInProgress: break
        case .unknownMemberID, .fencedInstanceID: (id, number, owned, told) = ("", 0, PartitionAssignment(), nil)
        default: (number, owned, told) = (0, PartitionAssignment(), nil)
        }
        rejoin()
    }

    /// The answer does not come in time: it asks anew, on another connection.
    private mutating func giveUpWaiting(_ group: inout ConsumerGroupHarness) {
        disconnect(&group, isSeen: true)
        if told != nil { follow() }
        rejoin()
    }

    // MARK: KIP-848

    private mutating func beat(
        _ group: inout ConsumerGroupHarness,
        loses: Bool,
        using generator: inout SeededGenerator
    ) {
        if !generator.chance(1, in: 3), let next = told { (owned, told) = (next, nil) }
        var heartbeat = ConsumerHeartbeat(memberID: id, epoch: number, instanceID: instance)
        if !hasSaidAll || number == 0 {
            (heartbeat.topicNames, heartbeat.rebalanceTimeout) = (["a", "b"], .seconds(20))
        }
        if told == nil { heartbeat.owned = owned }
        let answer = group.send(heartbeat)
        if loses {
            (hasSaidAll, told) = (false, nil)
            return
        }
        guard answer.error == .none else {
            (number, owned, told, hasSaidAll) = (0, PartitionAssignment(), nil, false)
            return
        }
        wentBack = wentBack || answer.epoch < number
        (number, hasSaidAll) = (answer.epoch, true)
        if let assignment = answer.assignment { told = assignment }
    }
}

extension ConsumerGroupHarness {
    fileprivate var knownIDs: Set<String> {
        switch machine.description {
        case .classic(let group): Set(group.members.map(\.id))
        case .consumer(let group): Set(group.members.map(\.id))
        }
    }

    fileprivate func knows(_ id: String) -> Bool { knownIDs.contains(id) }

    /// Partitions with the topics by name, and back.
    fileprivate func named(_ partitions: PartitionAssignment) -> [ConsumerTopicPartitions] {
        view.topics.sorted { $0.key < $1.key }.map { .init(topic: $0.key, partitions: partitions[$0.value.id]) }
    }

    fileprivate func assignment(of named: [ConsumerTopicPartitions]) -> PartitionAssignment {
        PartitionAssignment(
            named.map { .init(topicID: view.topics[$0.topic]?.id ?? .zero, partitions: $0.partitions) }
        )
    }
}
