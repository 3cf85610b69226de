import Community

/// How many partitions each topic has, and which producer serves which: a partition has exactly one, so its records
/// keep their order however many producers there are.
struct PartitionLayout: Equatable, Sendable {
    /// Producers; never more than there are partitions.
    let laneCount: Int
    /// By topic, in the order of `CommunityTopic.allCases`.
    private let partitionCounts: [Int]
    /// By topic: the place of its first partition among all.
    private let firstPlaces: [Int]

    /// - Parameters:
    ///   - partitionCounts: by topic, in the order of `CommunityTopic.allCases`; each positive.
    ///   - parallelism: how many producers are wanted.
    init(partitionCounts: [Int], parallelism: Int) {
        precondition(partitionCounts.count == CommunityTopic.allCases.count, "every topic has partitions")
        precondition(partitionCounts.allSatisfy { $0 > 0 } && parallelism > 0, "counts are positive")
        self.partitionCounts = partitionCounts
        firstPlaces = partitionCounts.indices.map { partitionCounts[..<$0].reduce(0, +) }
        laneCount = min(parallelism, partitionCounts.reduce(0, +))
    }

    /// The partition of a record of `topic` with `key`.
    func partition(of key: [UInt8], in topic: CommunityTopic) -> Int {
        KeyPartitioner.partition(of: key, count: partitionCounts[topic.index])
    }

    /// The producer that serves a partition.
    func lane(of partition: Int, in topic: CommunityTopic) -> Int {
        (firstPlaces[topic.index] + partition) % laneCount
    }
}
