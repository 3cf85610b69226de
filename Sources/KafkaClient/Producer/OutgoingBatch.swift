import CRdKafka

/// Records for one topic in one contiguous buffer: what the producer's fast path takes in one call.
///
/// Filled again and again (`removeAll` keeps the memory), it costs no allocation per record:
/// ```
/// bytes    | key 0 | value 0 | key 1 | value 1 | …
/// entries    start, key's length (-1 null), value's length (-1 null), partition (-1 by the key), time (0 that of sending)
/// ```
package struct OutgoingBatch: Sendable {
    struct Entry {
        var start: Int32
        var keyLength: Int32
        var valueLength: Int32
        var partition: Int32
        var timestamp: Int64
    }

    /// The topic all its records go to.
    package let topic: String
    private(set) var bytes: [UInt8] = []
    private(set) var entries: [Entry] = []
    /// Whether a record has a time of its own.
    private(set) var hasTimestamps = false

    /// - Parameters:
    ///   - topic: where its records go.
    ///   - records: room for so many records from the beginning.
    ///   - byteCount: room for so many bytes from the beginning.
    package init(topic: String, records: Int = 0, byteCount: Int = 0) {
        self.topic = topic
        bytes.reserveCapacity(byteCount)
        entries.reserveCapacity(records)
    }

    /// How many records it has.
    package var count: Int { entries.count }
    package var isEmpty: Bool { entries.isEmpty }
    /// How many bytes its keys and values have.
    package var byteCount: Int { bytes.count }
    /// Whether another record may be appended; beyond `Limits.batchRecordsMax` and `batchBytesMax` none may.
    package var hasRoom: Bool { entries.count < Limits.batchRecordsMax && bytes.count < Limits.batchBytesMax }

    /// How many bytes the value of a record has.
    func valueLength(of record: Int) -> Int { Int(max(0, entries[record].valueLength)) }

    /// Appends a record; `nil` is null: a null value is a tombstone.
    package mutating func append(
        key: (some Collection<UInt8>)?,
        value: (some Collection<UInt8>)?,
        partition: Int32? = nil,
        timestamp: Int64? = nil
    ) {
        append(partition: partition, timestamp: timestamp) { bytes in
            guard let key else { return false }
            bytes.append(contentsOf: key)
            return true
        } value: { bytes in
            guard let value else { return false }
            bytes.append(contentsOf: value)
            return true
        }
    }

    /// Appends a record that `key` and `value` write at the end of the buffer; they say `false` for null, and then
    /// write nothing.
    ///
    /// - Parameter timestamp: milliseconds since 1970, from 1 on; `nil`: the time of sending. A batch with timestamps costs
    ///   the producer a call for each record.
    /// - Precondition: what they leave of the earlier bytes is untouched, and all of it fits in `Limits.batchBytesMax`.
    @inlinable
    package mutating func append(
        partition: Int32? = nil,
        timestamp: Int64? = nil,
        key: (inout [UInt8]) -> Bool,
        value: (inout [UInt8]) -> Bool
    ) {
        let start = byteCount
        let hasKey = write(key)
        let middle = byteCount
        let hasValue = write(value)
        finish(
            start: start,
            keyLength: hasKey ? middle - start : nil,
            valueLength: hasValue ? byteCount - middle : nil,
            partition: partition,
            timestamp: timestamp
        )
    }

    @usableFromInline
    package mutating func write(_ body: (inout [UInt8]) -> Bool) -> Bool { body(&bytes) }

    @usableFromInline
    package mutating func finish(
        start: Int,
        keyLength: Int?,
        valueLength: Int?,
        partition: Int32?,
        timestamp: Int64?
    ) {
        precondition(
            entries.count < Limits.batchRecordsMax && bytes.count <= Limits.batchBytesMax,
            "OutgoingBatch: more than Limits.batchRecordsMax records or batchBytesMax bytes"
        )
        entries.append(
            Entry(
                start: Int32(start),
                keyLength: keyLength.map { Int32($0) } ?? -1,
                valueLength: valueLength.map { Int32($0) } ?? -1,
                partition: partition ?? -1,
                timestamp: timestamp ?? 0
            )
        )
        if timestamp != nil { hasTimestamps = true }
    }

    /// Empties it and keeps its memory.
    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        entries.removeAll(keepingCapacity: true)
        hasTimestamps = false
    }

    /// Lends the bytes of the value of the record that was appended last; none where it is null.
    package func withLastValue<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        let length = entries.last.map { Int(max(0, $0.valueLength)) } ?? 0
        return bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0.suffix(length))) }
    }
}

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

    /// Gives one record of this batch to librdkafka, with the time it has.
    func produce(
        _ record: Int,
        to topic: OpaquePointer,
        with client: OpaquePointer,
        _ place: DeliveryLedger.Place
    ) -> rd_kafka_resp_err_t {
        bytes.withUnsafeBufferPointer { bytes in
            let entry = entries[record]
            let message = Self.message(entry, in: bytes, place)
            return withUnsafeTemporaryAllocation(of: rd_kafka_vu_t.self, capacity: 7) { arguments in
                func set(
                    _ index: Int,
                    _ type: rd_kafka_vtype_t,
                    _ change: (inout rd_kafka_vu_s.__Unnamed_union_u) -> Void
                ) {
                    var argument = rd_kafka_vu_t()
                    argument.vtype = type
                    change(&argument.u)
                    arguments.initializeElement(at: index, to: argument)
                }
                set(0, RD_KAFKA_VTYPE_RKT) { $0.rkt = topic }
                set(1, RD_KAFKA_VTYPE_PARTITION) { $0.i32 = entry.partition }
                set(2, RD_KAFKA_VTYPE_MSGFLAGS) { $0.i = RD_KAFKA_MSG_F_COPY }
                set(3, RD_KAFKA_VTYPE_OPAQUE) { $0.ptr = place.opaque }
                set(4, RD_KAFKA_VTYPE_TIMESTAMP) { $0.i64 = entry.timestamp }
                set(5, RD_KAFKA_VTYPE_KEY) { $0.mem = .init(ptr: message.key, size: message.key_len) }
                set(6, RD_KAFKA_VTYPE_VALUE) { $0.mem = .init(ptr: message.payload, size: message.len) }
                defer { arguments.deinitialize() }
                guard let error = rd_kafka_produceva(client, arguments.baseAddress, arguments.count) else {
                    return RD_KAFKA_RESP_ERR_NO_ERROR
                }
                defer { rd_kafka_error_destroy(error) }
                return rd_kafka_error_code(error)
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
