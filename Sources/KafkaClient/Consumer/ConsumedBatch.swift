import CRdKafka
package import KafkaTopics

/// Consecutive records of one partition in librdkafka's own memory: nothing is copied.
///
/// The memory is given back when the last copy of this value is gone; a receiver that keeps batches keeps their memory.
package struct ConsumedBatch: Sendable {
    /// Where the records come from.
    package let topicPartition: TopicPartition
    private let messages: MessageArray
    private let range: Range<Int>

    /// - Precondition: `range` is not empty and all its messages are records of the partition.
    init(topicPartition: TopicPartition, messages: MessageArray, range: Range<Int>) {
        self.topicPartition = topicPartition
        self.messages = messages
        self.range = range
    }

    /// How many records it has: at least one.
    package var count: Int { range.count }
    /// The offset of its first record.
    package var firstOffset: Int64 { messages[range.lowerBound].pointee.offset }
    /// The offset of its last record. Between them offsets may be missing: compaction and transactions leave holes.
    package var lastOffset: Int64 { messages[range.upperBound - 1].pointee.offset }
    /// The offset to commit when all of it is done.
    package var nextOffset: Int64 { lastOffset + 1 }

    /// How many records at its beginning have an offset for which `isCounted` holds.
    package func count(whileOffset isCounted: (Int64) -> Bool) -> Int {
        range.first { !isCounted(messages[$0].pointee.offset) }.map { $0 - range.lowerBound } ?? range.count
    }

    /// Lends each record in order of offsets. Key and value are valid only inside `body`.
    package func forEachRecord<Failure: Error>(
        _ body: (borrowing ConsumedRecord) throws(Failure) -> Void
    ) throws(Failure) {
        for index in range { try body(ConsumedRecord(messages[index])) }
    }

    /// Lends the record `index`, from 0.
    package func withRecord<Result, Failure: Error>(
        at index: Int,
        _ body: (borrowing ConsumedRecord) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(ConsumedRecord(messages[range.lowerBound + index]))
    }
}
