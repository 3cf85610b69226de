import Checksums
import KafkaProtocol
import KafkaTopics
import NIOCore

/// One entry of the journal of committed offsets: everything that one request changed, all or nothing.
///
/// The file: 8 bytes `HERAOFF2`, then entries:
///
///      0  uint32  marker 0x9E48_4F46
///      4  int32   length of the body
///      8  uint32  CRC-32C of the length and the body
///     12  the body:
///           int8    kind: 1 a group committed, 2 a topic was deleted, 3 a group's offsets expired or were
///                   deleted, 4 some of a group's offsets were deleted
///           string  the group (kinds 1, 3 and 4) or the topic (kind 2)
///           int64   when the group committed last, by the clock that the age of records is counted by (kind 1; else 0)
///           array   of the offsets (kinds 1 and 4; else empty), each:
///                     string topic, int32 partition, int64 offset, int32 leader epoch, string the client's note
///
/// The primitives are those of the Kafka protocol (see `WireCoder`), in their classic form. `HERAOFF1` had neither marker
/// nor time, and its CRC was that of the body.
///
/// An entry that ends beyond the file was being written when the process died: it was never acknowledged, and is truncated.
/// Any other damage is skipped up to the next complete entry, and kept in a separate file. A file of another version, or an
/// entry of another kind, was written by a later version and is refused.
struct OffsetEntry: WireFields {
    /// An offset in an entry.
    struct Item: WireFields {
        var topic = ""
        var partition: Int32 = 0
        var offset: Int64 = 0
        var leaderEpoch: Int32 = -1
        var metadata = ""

        init() {}

        init(_ partition: TopicPartition, _ committed: CommittedOffset = CommittedOffset(offset: -1)) {
            topic = partition.topic
            self.partition = partition.partition
            offset = committed.offset
            leaderEpoch = committed.leaderEpoch
            metadata = committed.metadata
        }

        mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
            try coder.string(&topic)
            try coder.int32(&partition)
            try coder.int64(&offset)
            try coder.int32(&leaderEpoch)
            try coder.string(&metadata)
        }
    }

    static let committed: Int8 = 1
    static let topicDeleted: Int8 = 2
    static let groupForgotten: Int8 = 3
    static let offsetsForgotten: Int8 = 4

    var kind: Int8 = 0
    var name = ""
    var time: Int64 = 0
    var items: [Item] = []

    init() {}

    /// A group committed.
    init(group: String, offsets: [TopicPartition: CommittedOffset], time: Int64) {
        kind = Self.committed
        name = group
        self.time = time
        items = offsets.sorted { $0.key < $1.key }.map(Item.init)
    }

    /// A topic was deleted, and with it what groups knew of it.
    init(deletedTopic: String) {
        kind = Self.topicDeleted
        name = deletedTopic
    }

    /// The offsets of a group expired, or were deleted.
    init(forgottenGroup: String) {
        kind = Self.groupForgotten
        name = forgottenGroup
    }

    /// The offsets of a group in these partitions were deleted.
    init(group: String, forgotten: Set<TopicPartition>) {
        kind = Self.offsetsForgotten
        name = group
        items = forgotten.sorted().map { Item($0) }
    }

    mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.int8(&kind)
        try coder.string(&name)
        if coder.version >= OffsetJournalFormat.second.rawValue { try coder.int64(&time) }
        try coder.array(&items)
    }

    /// Appends the entry to `buffer`, in the current format.
    func write(to buffer: inout ByteBuffer) {
        var writer = WireWriter(version: OffsetJournalFormat.second.rawValue)
        var entry = self
        entry.code(&writer)
        var checked = ByteBuffer()
        checked.writeInteger(Int32(writer.buffer.readableBytes))
        checked.writeImmutableBuffer(writer.buffer)
        buffer.writeInteger(OffsetJournalFormat.marker)
        buffer.writeInteger(Int32(writer.buffer.readableBytes))
        buffer.writeInteger(CRC32C.checksum(of: checked.readableBytesSpan))
        buffer.writeImmutableBuffer(writer.buffer)
    }
}

/// How a journal of committed offsets is laid out; see ``OffsetEntry``.
enum OffsetJournalFormat: Int16 {
    case first = 1
    case second = 2

    static let marker: UInt32 = 0x9E48_4F46
    static let headerPrefix = "HERAOFF"
    static let headerByteCount = 8

    var header: String { Self.headerPrefix + String(rawValue) }

    /// Whether a journal has not even its header: it is empty, or an earlier version died while it wrote the header.
    static func isBegun(_ content: ByteBuffer) -> Bool {
        let bytes = content.readableBytesView
        return bytes.count < headerByteCount && (first.header.utf8.starts(with: bytes) || bytes.allSatisfy { $0 == 0 })
    }

    /// What is at a position of a journal.
    enum Found {
        /// An entry, and its length in the file.
        case entry(OffsetEntry, byteCount: Int)
        /// The beginning of an entry whose end is not there.
        case unfinished
        case damage
    }

    /// Looks for an entry at `index`.
    func entry(in buffer: ByteBuffer, at index: Int) -> Found {
        var place = index
        if self == .second {
            guard let marker = buffer.getInteger(at: place, as: UInt32.self) else { return .unfinished }
            guard marker == Self.marker else { return .damage }
            place += MemoryLayout<UInt32>.size
        }
        guard let length = buffer.getInteger(at: place, as: Int32.self),
            let checksum = buffer.getInteger(at: place + 4, as: UInt32.self)
        else { return .unfinished }
        guard length > 0 else { return .damage }
        guard let body = buffer.getSlice(at: place + 8, length: Int(length)) else { return .unfinished }
        var checked = ByteBuffer()
        if self == .second { checked.writeInteger(length) }
        checked.writeImmutableBuffer(body)
        guard CRC32C.checksum(of: checked.readableBytesSpan) == checksum else { return .damage }
        var reader = WireReader(body, version: rawValue)
        var entry = OffsetEntry()
        do throws(DecodeError) {
            try entry.code(&reader)
            try reader.end()
        } catch {
            return .damage
        }
        return .entry(entry, byteCount: place + 8 + Int(length) - index)
    }

    /// The first position from `index` on that has a complete entry.
    func nextEntry(in buffer: ByteBuffer, from index: Int) -> Int? {
        guard index < buffer.writerIndex else { return nil }
        return (index..<buffer.writerIndex).first { place in
            guard isPlausible(buffer, place) else { return false }
            if case .entry = entry(in: buffer, at: place) { return true }
            return false
        }
    }

    /// Rules out most positions without a checksum.
    private func isPlausible(_ buffer: ByteBuffer, _ place: Int) -> Bool {
        switch self {
        case .first:
            guard let kind = buffer.getInteger(at: place + 8, as: Int8.self) else { return false }
            return kind == OffsetEntry.committed || kind == OffsetEntry.topicDeleted
        case .second: return buffer.getInteger(at: place, as: UInt32.self) == Self.marker
        }
    }
}
