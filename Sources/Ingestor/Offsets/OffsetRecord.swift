import CommitLog
import KafkaProtocol
import KafkaTopics
import NIOCore

/// A record of `__consumer_offsets`: what a group committed in a partition, or that this is forgotten. Kafka's own format, so
/// that its tools can read it:
///
///     key     int16   version 1
///             string  the group
///             string  topic
///             int32   partition
///
///     value   int16   version 3; a forgotten offset has no value
///             int64   offset: that of the next record to read
///             int32   leader epoch of the last record read, -1 where the client did not say
///             string  the client's note
///             int64   when it was committed, ms since 1970, by the time of day
///
/// The primitives are those of the Kafka protocol (see `WireCoder`), in their classic form. The record's timestamp is the time
/// of the commit by the log's clock, which never goes back: see `LogClock`. Kafka's other kinds of records, and other versions
/// of these, are not written here.
///
/// One request is one batch, so it is there as a whole or not at all. Sources: Kafka's `OffsetCommitKey` and
/// `OffsetCommitValue`.
struct OffsetRecord: Equatable {
    static let keyVersion: Int16 = 1
    static let valueVersion: Int16 = 3

    var group: String
    var partition: TopicPartition
    /// `nil` where it is forgotten.
    var committed: CommittedOffset?
    /// ms since 1970, by the time of day.
    var timeOfDay: Int64

    /// Why a record is not one of these.
    enum Problem: Error {
        /// Of a kind or a version that is not known here.
        case unknown
        case malformed
    }

    private struct Key: WireFields {
        var version = OffsetRecord.keyVersion
        var group = ""
        var topic = ""
        var partition: Int32 = 0

        mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.int16(&version)
            // What follows is laid out in other ways in other versions.
            guard version == OffsetRecord.keyVersion else { return }
            try coder.string(&group)
            try coder.string(&topic)
            try coder.int32(&partition)
        }
    }

    private struct Value: WireFields {
        var version = OffsetRecord.valueVersion
        var offset: Int64 = 0
        var leaderEpoch: Int32 = -1
        var metadata = ""
        var timeOfDay: Int64 = 0

        mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.int16(&version)
            guard version == OffsetRecord.valueVersion else { return }
            try coder.int64(&offset)
            try coder.int32(&leaderEpoch)
            try coder.string(&metadata)
            try coder.int64(&timeOfDay)
        }
    }

    init(group: String, partition: TopicPartition, committed: CommittedOffset? = nil, timeOfDay: Int64 = 0) {
        (self.group, self.partition) = (group, partition)
        (self.committed, self.timeOfDay) = (committed, timeOfDay)
    }

    init(_ record: LogRecord) throws(Problem) {
        var key = Key()
        try Self.read(&key, record.key ?? ByteBuffer(), version: \.version, Self.keyVersion)
        group = key.group
        partition = TopicPartition(topic: key.topic, partition: key.partition)
        timeOfDay = 0
        guard let bytes = record.value else { return }
        var value = Value()
        try Self.read(&value, bytes, version: \.version, Self.valueVersion)
        committed = CommittedOffset(offset: value.offset, leaderEpoch: value.leaderEpoch, metadata: value.metadata)
        timeOfDay = value.timeOfDay
    }

    private static func read<Fields: WireFields>(
        _ fields: inout Fields,
        _ bytes: ByteBuffer,
        version: KeyPath<Fields, Int16>,
        _ known: Int16
    ) throws(Problem) {
        var reader = WireReader(bytes)
        do throws(DecodeError) { try fields.code(&reader) } catch { throw .malformed }
        guard fields[keyPath: version] == known else { throw .unknown }
        do throws(DecodeError) { try reader.end() } catch { throw .malformed }
    }

    /// The record as it is in a batch.
    ///
    /// - Parameter place: Its place there.
    fileprivate func bytes(place: Int) -> ByteBuffer {
        // No attributes; the timestamp is the batch's.
        var record = ByteBuffer(integer: UInt8(0))
        record.writeVarlong(0)
        record.writeVarlong(Int64(place))
        var key = WireWriter()
        Key(group: group, topic: partition.topic, partition: partition.partition).write(into: &key)
        record.writeVarlong(Int64(key.buffer.readableBytes))
        record.writeImmutableBuffer(key.buffer)
        if let committed {
            var value = WireWriter()
            Value(
                offset: committed.offset,
                leaderEpoch: committed.leaderEpoch,
                metadata: committed.metadata,
                timeOfDay: timeOfDay
            ).write(into: &value)
            record.writeVarlong(Int64(value.buffer.readableBytes))
            record.writeImmutableBuffer(value.buffer)
        } else {
            record.writeVarlong(-1)
        }
        // No headers.
        record.writeVarlong(0)
        var bytes = ByteBuffer()
        bytes.writeVarlong(Int64(record.readableBytes))
        bytes.writeImmutableBuffer(record)
        return bytes
    }
}

/// A record batch of ``OffsetRecord``s.
struct OffsetBatch {
    private(set) var records: [OffsetRecord] = []
    /// Room for the header, and the records.
    private var buffer = ByteBuffer(repeating: 0, count: RecordBatchHeader.byteCount)

    /// As few batches of at most `bytesMax` bytes as these records fit into, each of one record at least.
    static func batches(_ records: [OffsetRecord], bytesMax: Int) -> [OffsetBatch] {
        var batches: [OffsetBatch] = []
        var batch = OffsetBatch()
        for record in records {
            if !batch.append(record, bytesMax: batch.records.isEmpty ? .max : bytesMax) {
                batches.append(batch)
                batch = OffsetBatch()
                _ = batch.append(record, bytesMax: .max)
            }
        }
        if !batch.records.isEmpty { batches.append(batch) }
        return batches
    }

    /// - Returns: `false`, with nothing done, where the batch would have more bytes than that.
    private mutating func append(_ record: OffsetRecord, bytesMax: Int) -> Bool {
        let bytes = record.bytes(place: records.count)
        guard byteCount + bytes.readableBytes <= bytesMax else { return false }
        buffer.writeImmutableBuffer(bytes)
        records.append(record)
        return true
    }

    var byteCount: Int { buffer.readableBytes }

    /// The whole batch.
    ///
    /// - Parameter time: The timestamp of its records.
    func bytes(time: Int64) -> ByteBuffer {
        var batch = buffer
        var header = RecordBatchHeader(recordCount: Int32(records.count), time: time)
        header.seal(&batch)
        return batch
    }
}
