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

/// Where a record with a key goes: Kafka's own choice, so that all its clients agree. The hash is Java's variant of
/// MurmurHash2 (Austin Appleby) with Kafka's seed.
package enum KeyPartitioner {
    /// The partition of a key.
    ///
    /// - Precondition: there is at least one partition.
    package static func partition(of key: [UInt8], count: Int) -> Int {
        precondition(count > 0, "a topic has at least one partition")
        // Kafka takes the sign off by its bit, not by the absolute value.
        return Int(hash(key) & 0x7FFF_FFFF) % count
    }

    static func hash(_ key: [UInt8]) -> UInt32 {
        let multiplier: UInt32 = 0x5BD1_E995
        var hash = 0x9747_B28C ^ UInt32(truncatingIfNeeded: key.count)
        let whole = key.count & ~3
        for start in stride(from: 0, to: whole, by: 4) {
            var word =
                UInt32(key[start]) | UInt32(key[start + 1]) << 8 | UInt32(key[start + 2]) << 16
                | UInt32(key[start + 3]) << 24
            word = word &* multiplier
            word ^= word >> 24
            word = word &* multiplier
            hash = hash &* multiplier ^ word
        }
        let rest = key.count - whole
        if rest > 0 {
            if rest > 2 { hash ^= UInt32(key[whole + 2]) << 16 }
            if rest > 1 { hash ^= UInt32(key[whole + 1]) << 8 }
            hash ^= UInt32(key[whole])
            hash = hash &* multiplier
        }
        hash ^= hash >> 13
        hash = hash &* multiplier
        hash ^= hash >> 15
        return hash
    }
}
