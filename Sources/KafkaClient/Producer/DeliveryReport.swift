package import KafkaTopics

/// What became of the records of one batch: aggregated, so a batch of 10,000 costs a handful of values.
package struct DeliveryReport: Sendable {
    /// Records of one partition that one answer of a broker acknowledged.
    package struct Acknowledgement: Hashable, Sendable {
        package let topicPartition: TopicPartition
        /// How many records.
        package let count: Int
        /// The offset of the first of them, in the order of the batch; -1 with `acks=0`.
        package let firstOffset: Int64
        /// The offset of the last of them.
        package let lastOffset: Int64
        /// From the moment the producer took the records to the acknowledgement.
        package let latency: Duration
    }

    /// Records that were refused, given up or left behind for one reason.
    package struct Failure: Hashable, Sendable {
        package let error: KafkaClientError
        /// Their numbers in the batch, from 0.
        package var records: [Int]
    }

    /// How many records the batch had.
    package let records: Int
    package internal(set) var acknowledgements: [Acknowledgement] = []
    package internal(set) var failures: [Failure] = []

    /// How many records are acknowledged.
    package var acknowledgedCount: Int { acknowledgements.reduce(0) { $0 + $1.count } }
    /// How many records failed.
    package var failedCount: Int { failures.reduce(0) { $0 + $1.records.count } }
    /// Whether every record is acknowledged.
    package var isComplete: Bool { acknowledgedCount == records }

    /// How many records each partition acknowledged.
    package var acknowledgedByPartition: [TopicPartition: Int] {
        acknowledgements.reduce(into: [:]) { counts, each in counts[each.topicPartition, default: 0] += each.count }
    }
}
