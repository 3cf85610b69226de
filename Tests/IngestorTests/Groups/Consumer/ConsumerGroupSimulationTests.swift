import Ingestor
import KafkaProtocol
import NIOCore
import PipelineTesting
import Testing

/// Members of the protocol of KIP-848 that join, crash, fall silent, lose answers, give up slowly and change their topics,
/// and topics that come, grow and go; and what must hold all the while:
///
/// 1. no partition is used by two members that the group knows, and none is assigned to two;
/// 2. no commit is accepted with an epoch, or of a member, that is not the present one;
/// 3. the group's epochs only grow;
/// 4. when the faults end, the group becomes stable in a bounded time: every partition that somebody reads has a user.
@Suite struct ConsumerGroupSimulationTests {
    private struct Violation: Error, CustomStringConvertible {
        let description: String
    }

    @Test(arguments: Seeds.chosen(Array(1...80)))
    func invariantsHold(seed: UInt64) throws {
        try withSeed(seed) { generator in
            var world = World(memberCount: Int.random(in: 1...6, using: &generator))
            for _ in 0..<500 {
                let before = world.group.epochs
                world.step(using: &generator)
                if let problem = world.problem(since: before) { throw Violation(description: problem) }
            }
            try settle(&world, using: &generator)
        }
    }

    private func settle(_ world: inout World, using generator: inout SeededGenerator) throws {
        for _ in 0..<100 {
            let before = world.group.epochs
            for place in world.members.indices { world.act(place, loses: false, using: &generator) }
            world.group.advance(.seconds(1))
            if let problem = world.problem(since: before) { throw Violation(description: problem) }
            if world.isSettled { return }
        }
        throw Violation(description: "not stable in 100 s: \(world.group.description), \(world.members)")
    }
}

/// A group, its members as they see themselves, and what changes around them.
private struct World {
    private static let names = ["a", "b", "bb", "c"]
    private static let subscriptions: [(topics: Set<String>, pattern: String)] = [
        (["a", "b"], ""), (["a"], ""), ([], "b+"), (["c"], "a|b"), ([], "nothing"),
    ]

    var group = ConsumerGroupHarness(["a": 3, "b": 2])
    private(set) var members: [SimulatedMember]
    private var count = 0
    private var makings: UInt64 = 0
    /// Lives that are over, whose commits must not be taken.
    private var ghosts: [(id: String, epoch: Int32)] = []

    init(memberCount: Int) {
        members = []
        for place in 0..<memberCount { members.append(SimulatedMember(id: "m\(place)", place: place)) }
        count = memberCount
    }

    mutating func step(using generator: inout SeededGenerator) {
        let place = members.indices.randomElement(using: &generator) ?? 0
        switch Int.random(in: 0..<30, using: &generator) {
        case 0: changeTopics(using: &generator)
        case 1: restart(place)
        case 2: leave(place, using: &generator)
        case 3...6: group.advance(.milliseconds(Int64.random(in: 1...9_000, using: &generator)))
        case 7: members[place].subscription = Self.subscriptions.indices.randomElement(using: &generator) ?? 0
        case 8: members[place].isSilent.toggle()
        default: if !members[place].isSilent { act(place, loses: generator.chance(1, in: 6), using: &generator) }
        }
    }

    private mutating func changeTopics(using generator: inout SeededGenerator) {
        let name = Self.names.randomElement(using: &generator) ?? "a"
        if let topic = group.view.topics[name] {
            if generator.chance(1, in: 3) { return group.delete(name) }
            group.make(name, topic.partitionCount + 1, making: topic.id.mostSignificant)
        } else {
            makings += 1
            group.make(name, Int32.random(in: 1...4, using: &generator), making: makings)
        }
    }

    /// It dies without a word, and starts again under another id.
    private mutating func restart(_ place: Int) {
        ghosts.append((members[place].id, members[place].epoch))
        count += 1
        members[place] = SimulatedMember(id: "m\(count)", place: place)
    }

    private mutating func leave(_ place: Int, using generator: inout SeededGenerator) {
        let member = members[place]
        guard member.epoch > 0 else { return }
        let pauses = member.instance != nil && generator.chance(2, in: 3)
        _ = group.beat(member.id, pauses ? -2 : -1, instance: member.instance)
        restart(place)
    }

    /// The member's next heartbeat, and what it does on the answer. Without losses it is a good member.
    mutating func act(_ place: Int, loses: Bool, using generator: inout SeededGenerator) {
        members[place].isSilent = false
        let isQuick = !loses && generator.chance(1, in: 2)
        members[place].reconcile(isQuick ? 2 : Int.random(in: 0...2, using: &generator))
        let subscription = Self.subscriptions[members[place].subscription]
        let answer = group.send(members[place].heartbeat(subscription, tellsOwned: !generator.chance(1, in: 4)))
        if loses { members[place].lose() } else { members[place].receive(answer) }
    }

    // MARK: What must hold

    func problem(since before: [Int32]) -> String? {
        if zip(before, group.epochs).contains(where: { $0 > $1 }) {
            return "an epoch came back: \(before), \(group.epochs)"
        }
        let known = Dictionary(uniqueKeysWithValues: group.members.map { ($0.id, $0) })
        var users: [String: String] = [:]
        for member in members where known[member.id] != nil {
            if let both = Self.take(member.owned, by: member.id, &users) { return "used by two: \(both)" }
        }
        var owners: [String: String] = [:]
        for member in known.values {
            if let both = Self.take(member.assigned, by: member.id, &owners) { return "assigned to two: \(both)" }
        }
        return ghostProblem(known)
    }

    private static func take(_ partitions: PartitionAssignment, by id: String, _ users: inout [String: String])
        -> String?
    {
        for topic in partitions.listed {
            for partition in topic.partitions {
                let name = "\(topic.topicID)/\(partition)"
                if let other = users.updateValue(id, forKey: name) { return "\(name): \(other), \(id)" }
            }
        }
        return nil
    }

    private func ghostProblem(_ known: [String: ConsumerGroupDescription.Member]) -> String? {
        var machine = group.machine
        for ghost in ghosts {
            let error = machine.receivedCommit(
                memberID: ghost.id,
                instanceID: nil,
                generation: ghost.epoch,
                carriesEpoch: true,
                now: group.now
            )
            // A member that died without a word is one until its session ends.
            if error == .none, known[ghost.id]?.epoch != ghost.epoch { return "\(ghost) committed" }
        }
        return nil
    }

    var isSettled: Bool {
        guard group.state == .stable, Set(group.members.map(\.id)) == Set(members.map(\.id)) else { return false }
        var wanted = 0
        for (name, topic) in group.view.topics {
            let isRead = members.contains { member in
                let subscription = Self.subscriptions[member.subscription]
                var pattern = try? TopicPattern(subscription.pattern)
                return subscription.topics.contains(name) || pattern?.matches(name) == true
            }
            if isRead { wanted += Int(topic.partitionCount) }
        }
        return members.reduce(0) { $0 + $1.owned.count } == wanted
    }
}

/// A client of the protocol: it gives up first, then takes, and tells what it has.
private struct SimulatedMember {
    let id: String
    let instance: String?
    var subscription = 0
    var isSilent = false
    private(set) var epoch: Int32 = 0
    /// What it uses.
    private(set) var owned = PartitionAssignment()
    /// What it was told to use, where it does not yet.
    private var told: PartitionAssignment?
    /// What it last subscribed to, as far as it knows that the group knows it.
    private var sent: Int?

    init(id: String, place: Int) {
        self.id = id
        instance = place % 3 == 0 ? "i\(place)" : nil
    }

    /// Goes some of the two steps from what it has to what it was told.
    mutating func reconcile(_ steps: Int) {
        guard let told, steps > 0 else { return }
        let kept = PartitionAssignment(
            owned.listed.map { topic in
                .init(topicID: topic.topicID, partitions: topic.partitions.filter { told[topic.topicID].contains($0) })
            }
        )
        owned = steps > 1 || kept == owned ? told : kept
        if owned == told { self.told = nil }
    }

    mutating func heartbeat(
        _ subscribed: (topics: Set<String>, pattern: String),
        tellsOwned: Bool
    ) -> ConsumerHeartbeat {
        var heartbeat = ConsumerHeartbeat(memberID: id, epoch: epoch, instanceID: instance)
        let isFull = epoch == 0 || sent != subscription
        if isFull {
            heartbeat.topicNames = subscribed.topics
            heartbeat.pattern = subscribed.pattern
            heartbeat.rebalanceTimeout = .seconds(20)
        }
        // It does not speak of what it has while that changes.
        if told == nil, isFull || tellsOwned { heartbeat.owned = owned }
        return heartbeat
    }

    /// No answer came: it tells all next time, to be told all, and takes nothing that it was told before.
    mutating func lose() {
        (sent, told) = (nil, nil)
    }

    mutating func receive(_ answer: ConsumerHeartbeatAnswer) {
        guard answer.error == .none else {
            // Fenced, forgotten, or its predecessor is still there: it has nothing, and joins again.
            (epoch, owned, told, sent) = (0, PartitionAssignment(), nil, nil)
            return
        }
        (epoch, sent) = (answer.epoch, subscription)
        if let assignment = answer.assignment { told = assignment }
    }
}

extension ConsumerGroupHarness {
    /// None while the group is of no protocol yet.
    fileprivate var members: [ConsumerGroupDescription.Member] {
        guard case .consumer(let group) = machine.description else { return [] }
        return group.members
    }

    fileprivate var state: GroupState { machine.summary.state }

    fileprivate var epochs: [Int32] {
        guard case .consumer(let group) = machine.description else { return [0, 0] }
        return [group.groupEpoch, group.assignmentEpoch]
    }
}
