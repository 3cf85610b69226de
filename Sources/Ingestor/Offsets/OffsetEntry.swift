import Checksums
import KafkaProtocol
import KafkaTopics
import NIOCore

/// One entry of the journal of committed offsets: everything that one request changed, all or nothing.
///
/// The file: 8 bytes `HERAOFF1`, then entries:
///
///      0  int32   length of the body
///      4  uint32  CRC-32C of the body
///      8  the body:
///           int8    kind: 1 a group committed, 2 a topic was deleted
///           string  the group (kind 1) or the topic (kind 2)
///           array   of the offsets (kind 1; empty for kind 2), each:
///                     string topic, int32 partition, int64 offset, int32 leader epoch, string the client's note
///
/// The primitives are those of the Kafka protocol (see `WireCoder`), in their classic form. An entry that ends beyond the
/// file, or whose checksum is wrong, was being written when the process died: it and what follows is cut away, and nobody
/// was told that it was there.
struct OffsetEntry: WireFields {
    /// An offset in an entry.
    struct Item: WireFields {
        var topic = ""
        var partition: Int32 = 0
        var offset: Int64 = 0
        var leaderEpoch: Int32 = -1
        var metadata = ""

        mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.string(&topic)
            try coder.int32(&partition)
            try coder.int64(&offset)
            try coder.int32(&leaderEpoch)
            try coder.string(&metadata)
        }
    }

    static let fileHeader = "HERAOFF1"
    static let committed: Int8 = 1
    static let topicDeleted: Int8 = 2
    private static let prefixByteCount = 8

    var kind: Int8 = 0
    var name = ""
    var items: [Item] = []

    init() {}

    /// A group committed.
    init(group: String, offsets: [TopicPartition: CommittedOffset]) {
        kind = Self.committed
        name = group
        items = offsets.sorted { $0.key < $1.key }.map { partition, committed in
            Item(
                topic: partition.topic,
                partition: partition.partition,
                offset: committed.offset,
                leaderEpoch: committed.leaderEpoch,
                metadata: committed.metadata
            )
        }
    }

    /// A topic was deleted, and with it what groups knew of it.
    init(deletedTopic: String) {
        kind = Self.topicDeleted
        name = deletedTopic
    }

    mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.int8(&kind)
        try coder.string(&name)
        try coder.array(&items)
    }

    /// Appends the entry to `buffer`.
    func write(to buffer: inout ByteBuffer) {
        var writer = WireWriter()
        var entry = self
        entry.code(&writer)
        buffer.writeInteger(Int32(writer.buffer.readableBytes))
        buffer.writeInteger(CRC32C.checksum(of: writer.buffer.readableBytesSpan))
        buffer.writeImmutableBuffer(writer.buffer)
    }

    /// Takes the next entry from `buffer`; `nil`, and `buffer` as it was, where no whole one stands there.
    init?(readingFrom buffer: inout ByteBuffer) {
        guard let length = buffer.getInteger(at: buffer.readerIndex, as: Int32.self), length > 0,
            let checksum = buffer.getInteger(at: buffer.readerIndex + 4, as: UInt32.self),
            let body = buffer.getSlice(at: buffer.readerIndex + Self.prefixByteCount, length: Int(length)),
            CRC32C.checksum(of: body.readableBytesSpan) == checksum
        else { return nil }
        var reader = WireReader(body)
        do throws(DecodeError) {
            try code(&reader)
            try reader.end()
        } catch {
            return nil
        }
        buffer.moveReaderIndex(forwardBy: Self.prefixByteCount + Int(length))
    }
}
