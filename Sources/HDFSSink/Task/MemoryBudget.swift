package import KafkaTopics

/// How much memory the partitions of a task hold together, and which of them has to write it out beyond the bound.
package struct MemoryBudget: Sendable {
    private let bytesMax: Int
    private var held: [TopicPartition: Int] = [:]
    private var total = 0

    /// - Parameter bytesMax: what all partitions together may hold.
    package init(bytesMax: Int) {
        self.bytesMax = bytesMax
    }

    /// `partition` holds this many bytes from now on; 0 if it is closed.
    package mutating func holds(_ bytes: Int, _ partition: TopicPartition) {
        total += bytes - (held[partition] ?? 0)
        held[partition] = bytes == 0 ? nil : bytes
    }

    /// The partition that holds the most, if all together hold more than the bound: it frees the most, in the largest writes.
    package var partitionToWrite: TopicPartition? {
        guard total > bytesMax else { return nil }
        return held.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
    }
}
