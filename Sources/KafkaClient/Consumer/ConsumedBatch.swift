import CRdKafka
package import KafkaTopics

/// Consecutive records of one partition in librdkafka's own memory: nothing is copied.
///
/// The memory is freed with the last copy of this value; a receiver that keeps batches keeps their memory.
package struct ConsumedBatch: Sendable {
    private let run: MessageRun

    /// - Precondition: `run` is not empty and all its messages are records.
    init(_ run: MessageRun) {
        self.run = run
    }

    /// Where the records come from.
    package var topicPartition: TopicPartition { run.partition }
    /// How many records it has: at least one.
    package var count: Int { run.range.count }
    /// How many bytes its keys have.
    package var keyByteCount: Int { run.keyByteCount }
    /// How many bytes its values have.
    package var valueByteCount: Int { run.valueByteCount }
    /// The offset of its first record.
    package var firstOffset: Int64 { run.messages[run.range.lowerBound].pointee.offset }
    /// The offset of its last record. Between them offsets may be missing: compaction and transactions leave gaps.
    package var lastOffset: Int64 { run.messages[run.range.upperBound - 1].pointee.offset }
    /// The offset to commit when all of it is processed.
    package var nextOffset: Int64 { lastOffset + 1 }

    /// How many records at its beginning have an offset for which `isCounted` holds.
    package func count(whileOffset isCounted: (Int64) -> Bool) -> Int {
        let first = run.range.first { !isCounted(run.messages[$0].pointee.offset) }
        return first.map { $0 - run.range.lowerBound } ?? count
    }

    /// Lends each record in order of offsets. Key and value are valid only inside `body`.
    package func forEachRecord<Failure: Error>(
        _ body: (borrowing ConsumedRecord) throws(Failure) -> Void
    ) throws(Failure) {
        for index in run.range { try body(ConsumedRecord(run.messages[index])) }
    }

    /// Lends the record `index`, from 0.
    package func withRecord<Result, Failure: Error>(
        at index: Int,
        _ body: (borrowing ConsumedRecord) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(ConsumedRecord(run.messages[run.range.lowerBound + index]))
    }
}

/// One record in librdkafka's memory, lent for the duration of a closure.
package struct ConsumedRecord: ~Copyable {
    private let message: UnsafeMutablePointer<rd_kafka_message_t>

    fileprivate init(_ message: UnsafeMutablePointer<rd_kafka_message_t>) {
        self.message = message
    }

    /// Its offset in the partition.
    package var offset: Int64 { message.pointee.offset }

    /// The time of the producer or the broker, as the topic is configured; `.unknown` where the record has none.
    package var timestamp: Timestamp {
        var type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
        let timestamp = rd_kafka_message_timestamp(message, &type)
        return type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? .unknown : Timestamp(milliseconds: timestamp)
    }

    /// The key, or `nil` for null. Valid only while the record is lent.
    package var key: UnsafeRawBufferPointer? {
        message.pointee.key.map { UnsafeRawBufferPointer(start: $0, count: message.pointee.key_len) }
    }

    /// The value, or `nil` for null: a tombstone. Valid only while the record is lent.
    package var value: UnsafeRawBufferPointer? {
        message.pointee.payload.map { UnsafeRawBufferPointer(start: $0, count: message.pointee.len) }
    }

    /// Copies of its headers; librdkafka parses them at this call.
    package func headers() -> [RecordHeader] {
        var list: OpaquePointer?
        guard rd_kafka_message_headers(message, &list) == RD_KAFKA_RESP_ERR_NO_ERROR, let list else { return [] }
        return (0..<rd_kafka_header_cnt(list)).compactMap { index in
            var name: UnsafePointer<CChar>?
            var value: UnsafeRawPointer?
            var size = 0
            guard rd_kafka_header_get_all(list, index, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR, let name
            else { return nil }
            return RecordHeader(
                name: String(cString: name),
                value: value.map { Array(UnsafeRawBufferPointer(start: $0, count: size)) }
            )
        }
    }
}

/// Consecutive messages of one partition: records, or a single message that is an error.
struct MessageRun {
    let partition: TopicPartition
    let messages: MessageArray
    let range: Range<Int>
    let keyByteCount: Int
    let valueByteCount: Int

    /// The first message; the only one where it is an error.
    var first: UnsafeMutablePointer<rd_kafka_message_t> { messages[range.lowerBound] }
}

/// Messages that librdkafka handed out in one call, freed with the last batch made of them.
///
/// `@unchecked Sendable`: nothing writes to the messages or the array between its filling in `init` and `deinit`.
final class MessageArray: @unchecked Sendable {
    typealias Message = UnsafeMutablePointer<rd_kafka_message_t>

    private let messages: UnsafeMutablePointer<Message?>
    let count: Int
    /// Messages must not outlive the client they come from.
    private let handle: ClientHandle

    /// Takes what is in `queue` now, up to `capacity` messages, without waiting.
    init(from queue: OpaquePointer, capacity: Int, handle: ClientHandle) {
        messages = .allocate(capacity: capacity)
        messages.initialize(repeating: nil, count: capacity)
        count = max(0, Int(rd_kafka_consume_batch_queue(queue, 0, messages, capacity)))
        self.handle = handle
    }

    /// The messages in order, cut where the partition changes and around each error.
    func runs() -> [MessageRun] {
        var runs: [MessageRun] = []
        var start = 0
        while start < count {
            let first = self[start]
            var end = start + 1
            var keyByteCount = first.pointee.key_len
            var valueByteCount = first.pointee.len
            while end < count, Self.belongTogether(first, self[end]) {
                keyByteCount += self[end].pointee.key_len
                valueByteCount += self[end].pointee.len
                end += 1
            }
            let topic = first.pointee.rkt.map { String(cString: rd_kafka_topic_name($0)) } ?? ""
            runs.append(
                MessageRun(
                    partition: TopicPartition(topic: topic, partition: first.pointee.partition),
                    messages: self,
                    range: start..<end,
                    keyByteCount: keyByteCount,
                    valueByteCount: valueByteCount
                )
            )
            start = end
        }
        return runs
    }

    private static func belongTogether(_ first: Message, _ second: Message) -> Bool {
        first.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR && second.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR
            && first.pointee.partition == second.pointee.partition && first.pointee.rkt == second.pointee.rkt
    }

    subscript(index: Int) -> Message {
        guard index < count, let message = messages[index] else {
            preconditionFailure("MessageArray: no message \(index) of \(count)")
        }
        return message
    }

    deinit {
        for index in 0..<count { rd_kafka_message_destroy(messages[index]) }
        messages.deallocate()
    }
}
