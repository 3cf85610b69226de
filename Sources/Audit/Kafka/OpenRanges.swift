package import KafkaClient
package import KafkaTopics

/// Which offsets of which partitions are still to be read: pure.
package struct OpenRanges: Sendable {
    private var open: [TopicPartition: Range<Int64>]

    /// Ranges without an offset are done at once.
    package init(_ ranges: [TopicPartition: Range<Int64>]) {
        open = ranges.filter { !$0.value.isEmpty }
    }

    /// Whether all was read.
    package var isDone: Bool { open.isEmpty }

    /// Where reading begins in each partition.
    package var starts: [TopicPartition: Int64] { open.mapValues(\.lowerBound) }

    /// Where reading of `partition` is; `nil` where all of it was read.
    package func position(of partition: TopicPartition) -> Int64? { open[partition]?.lowerBound }

    /// Whether something of `partition` is still to be read.
    package func isOpen(_ partition: TopicPartition) -> Bool { open[partition] != nil }

    /// Whether the record at `offset` is one of those that are to be read.
    package func contains(_ partition: TopicPartition, _ offset: Int64) -> Bool {
        open[partition]?.contains(offset) ?? false
    }

    /// All of `partition` before `next` was read, or has no record.
    package mutating func passed(_ partition: TopicPartition, upTo next: Int64) {
        guard let range = open[partition] else { return }
        open[partition] = next < range.upperBound ? max(next, range.lowerBound)..<range.upperBound : nil
    }

    /// What to say where nothing more comes. The end of a partition is told by an event. Silence is not the end: to take
    /// it for that would count records as missing that are there.
    package func silence(for duration: Duration) -> KafkaClientError {
        let places = open.sorted { $0.key < $1.key }.map { "\($0.key) from offset \($0.value.lowerBound)" }
        return KafkaClientError(
            .timedOut,
            "no record came for \(duration) although \(places.joined(separator: ", ")) is not read to its end; see whether "
                + "the brokers serve, and whether a transaction there is still open, then try again",
            topicPartition: open.keys.min(),
            isRetriable: true
        )
    }
}
