import CRdKafka

extension OutgoingBatch {
    /// Lends the records of `chunk` as librdkafka's messages, which point into this batch's bytes.
    func withMessages<Result>(
        _ chunk: Range<Int>,
        entry: UInt32,
        _ body: (UnsafeMutableBufferPointer<rd_kafka_message_t>) -> Result
    ) -> Result {
        withUnsafeTemporaryAllocation(of: rd_kafka_message_t.self, capacity: chunk.count) { messages in
            bytes.withUnsafeBufferPointer { bytes in
                for (index, record) in chunk.enumerated() {
                    let message = Self.message(entries[record], in: bytes, .init(entry: entry, record: record))
                    messages.initializeElement(at: index, to: message)
                }
                defer { messages.deinitialize() }
                return body(messages)
            }
        }
    }

    private static func message(
        _ entry: Entry,
        in bytes: UnsafeBufferPointer<UInt8>,
        _ place: DeliveryLedger.Place
    ) -> rd_kafka_message_t {
        var message = rd_kafka_message_t()
        message._private = place.opaque
        // librdkafka writes an array's and a constant's messages through one type; with F_COPY it only reads here.
        let start = UnsafeMutableRawPointer(mutating: bytes.baseAddress.map { $0 + Int(entry.start) } ?? empty)
        if entry.keyLength >= 0 {
            message.key = start
            message.key_len = Int(entry.keyLength)
        }
        if entry.valueLength >= 0 {
            message.payload = start + Int(max(0, entry.keyLength))
            message.len = Int(entry.valueLength)
        }
        message.partition = entry.partition
        return message
    }

    /// What an empty but not null key or value of a batch without bytes points at.
    private static var empty: UnsafePointer<UInt8> { EmptyBytes.address }
}
