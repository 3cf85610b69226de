import Ingestor
import KafkaProtocol
import PipelineTesting
import Testing

@Suite struct PartitionAssignorTests {
    private static func id(_ number: UInt64) -> KafkaUUID { KafkaUUID(mostSignificant: 0, leastSignificant: number) }

    @Test func rangesAreNeighbours() {
        let members = ["m2", "m1", "m3"].map {
            PartitionAssignor.Member(id: $0, topics: [Self.id(1), Self.id(2)], before: PartitionAssignment())
        }
        let result = PartitionAssignor.range.assignment(of: [Self.id(1): 5, Self.id(2): 2], to: members)
        #expect(result["m1"]?.topics == [Self.id(1): [0, 1], Self.id(2): [0]])
        #expect(result["m2"]?.topics == [Self.id(1): [2, 3], Self.id(2): [1]])
        #expect(result["m3"]?.topics == [Self.id(1): [4]])
    }

    @Test func staticMembersKeepTheirRanges() {
        func result(_ first: String) -> [String: PartitionAssignment] {
            let members = [
                PartitionAssignor.Member(id: first, instanceID: "i1", topics: [Self.id(1)], before: .init()),
                PartitionAssignor.Member(id: "n", instanceID: "i2", topics: [Self.id(1)], before: .init()),
                PartitionAssignor.Member(id: "a", topics: [Self.id(1)], before: .init()),
            ]
            return PartitionAssignor.range.assignment(of: [Self.id(1): 3], to: members)
        }
        #expect(result("m")["m"]?[Self.id(1)] == [0])
        #expect(result("z")["z"]?[Self.id(1)] == [0])
        #expect(result("z")["a"]?[Self.id(1)] == [2])
    }

    /// Groups that grow and shrink, with equal and with different subscriptions: all partitions are given once and to readers,
    /// and with equal subscriptions evenly, with as few moves as that takes.
    @Test(arguments: Seeds.chosen(Array(1...40)))
    func everyPartitionHasOneOwner(seed: UInt64) throws {
        try withSeed(seed) { generator in
            let counts = Dictionary(
                uniqueKeysWithValues: (0..<UInt64.random(in: 1...6, using: &generator)).map {
                    (Self.id($0), Int32.random(in: 0...12, using: &generator))
                }
            )
            let isEqual = generator.chance(1, in: 2)
            for assignor in PartitionAssignor.allCases {
                var before: [String: PartitionAssignment] = [:]
                for _ in 0..<6 {
                    let members = (0..<Int.random(in: 1...7, using: &generator)).map { number in
                        let topics =
                            isEqual ? Set(counts.keys) : Set(counts.keys.filter { _ in generator.chance(1, in: 2) })
                        let id = "m\(number)"
                        return PartitionAssignor.Member(id: id, topics: topics, before: before[id] ?? .init())
                    }
                    let result = assignor.assignment(of: counts, to: members)
                    try check(result, counts, members, isEqual: isEqual && assignor == .uniform, before: before)
                    before = result
                }
            }
        }
    }

    private struct Violation: Error, CustomStringConvertible {
        let description: String
    }

    private func check(
        _ result: [String: PartitionAssignment],
        _ counts: [KafkaUUID: Int32],
        _ members: [PartitionAssignor.Member],
        isEqual: Bool,
        before: [String: PartitionAssignment]
    ) throws {
        let read = Set(members.flatMap(\.topics))
        let wanted = counts.filter { read.contains($0.key) }.values.reduce(0) { $0 + Int($1) }
        var seen: Set<String> = []
        for member in members {
            for (topic, partitions) in result[member.id]?.topics ?? [:] {
                guard member.topics.contains(topic) else {
                    throw Violation(description: "\(member.id) reads no \(topic)")
                }
                for partition in partitions where !seen.insert("\(topic)/\(partition)").inserted {
                    throw Violation(description: "\(topic)/\(partition) has two owners")
                }
            }
        }
        guard seen.count == wanted else {
            throw Violation(description: "\(wanted - seen.count) partitions have no owner")
        }
        guard isEqual else { return }
        let loads = members.map { result[$0.id]?.count ?? 0 }
        guard (loads.max() ?? 0) - (loads.min() ?? 0) <= 1 else { throw Violation(description: "loads \(loads)") }
        // Whoever had no more than its share keeps all of it.
        let share = wanted / members.count
        for member in members {
            guard let old = before[member.id], old.count <= share, let new = result[member.id] else { continue }
            let lost = old.topics.contains { topic, partitions in !Set(partitions).isSubset(of: new[topic]) }
            if lost { throw Violation(description: "\(member.id) lost what it could have kept") }
        }
    }
}
