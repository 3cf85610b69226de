import Checksums
import CommitLog
import Files
import KafkaProtocol
import KafkaTopics
import NIOCore
import SystemPackage

/// One entry of the journal in which earlier versions kept committed offsets: everything that one request changed, all or
/// nothing.
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
/// An entry that ends beyond the file was being written when the process died: it was never acknowledged, and is left out.
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

    mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.int8(&kind)
        try coder.string(&name)
        if coder.version >= OffsetJournalFormat.second.rawValue { try coder.int64(&time) }
        try coder.array(&items)
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

/// What a journal of committed offsets says: earlier versions kept them in one. It is only read here; see
/// ``OffsetStore/open(in:disk:)``.
struct OffsetJournal {
    private(set) var groups = OffsetGroups()
    /// Bytes of an entry that was being written when the process died.
    private(set) var bytesTorn = 0
    private(set) var damaged = ByteBuffer()

    /// Reads the journal at `path`; a missing one says nothing.
    ///
    /// - Parameter now: The last commit of groups in a journal without times (format 1).
    init(at path: FilePath, now: Int64, disk: Disk) throws(FileError) {
        var content = ByteBuffer()
        do throws(FileError) {
            let file = try disk.open(path)
            try file.read(try file.size(), at: 0, into: &content)
        } catch {
            guard error.code == .notFound else { throw error }
        }
        if OffsetJournalFormat.isBegun(content) { return }
        let header = content.getString(at: 0, length: OffsetJournalFormat.headerByteCount) ?? ""
        guard let format = [OffsetJournalFormat.first, .second].first(where: { $0.header == header }) else {
            if header.hasPrefix(OffsetJournalFormat.headerPrefix) { throw Self.newer(path) }
            throw .damaged(
                path,
                "it does not begin as a journal of committed offsets does",
                cure: "Move it away to start without it: every group begins where its client's auto.offset.reset says"
            )
        }
        try read(content, format, path)
        if format == .first { groups.touchAll(at: now) }
    }

    private static func newer(_ path: FilePath) -> FileError {
        FileError(.unknownFormat, path, "\(path) was written by a newer hera", cure: "Start that one")
    }

    private mutating func read(
        _ content: ByteBuffer,
        _ format: OffsetJournalFormat,
        _ path: FilePath
    ) throws(FileError) {
        var index = OffsetJournalFormat.headerByteCount
        while index < content.writerIndex {
            let found = format.entry(in: content, at: index)
            if case .entry(let entry, let byteCount) = found {
                guard groups.apply(entry) else { throw Self.newer(path) }
                index += byteCount
                continue
            }
            let next = format.nextEntry(in: content, from: index + 1)
            if next == nil, case .unfinished = found {
                bytesTorn = content.writerIndex - index
                return
            }
            let end = next ?? content.writerIndex
            if let damage = content.getSlice(at: index, length: end - index) { damaged.writeImmutableBuffer(damage) }
            index = end
        }
    }

    /// Keeps what is damaged in a file of its own, durably.
    ///
    /// - Returns: that file; `nil` where nothing is damaged.
    func setDamageAside(from path: FilePath, disk: Disk) throws(FileError) -> FilePath? {
        guard damaged.readableBytes > 0 else { return nil }
        let checksum = CRC32C.digits(of: CRC32C.checksum(of: damaged.readableBytesSpan))
        let aside = FilePath("\(path).damaged-\(checksum)")
        try disk.replace(aside, with: Array(damaged.readableBytesView))
        return aside
    }
}

extension OffsetGroups {
    /// Applies an entry of a journal.
    ///
    /// - Returns: `false` where its kind is unknown.
    fileprivate mutating func apply(_ entry: OffsetEntry) -> Bool {
        let partitions = entry.items.map { TopicPartition(topic: $0.topic, partition: $0.partition) }
        switch entry.kind {
        case OffsetEntry.committed:
            for (partition, item) in zip(partitions, entry.items) {
                let offset = CommittedOffset(
                    offset: item.offset,
                    leaderEpoch: item.leaderEpoch,
                    metadata: item.metadata
                )
                commit(offset, of: entry.name, partition, at: entry.time)
            }
        case OffsetEntry.topicDeleted:
            for (group, partition) in self.partitions(of: [entry.name]) { forget(partition, of: group) }
        case OffsetEntry.groupForgotten:
            for partition in (offsets(of: entry.name) ?? [:]).keys { forget(partition, of: entry.name) }
        case OffsetEntry.offsetsForgotten:
            for partition in partitions { forget(partition, of: entry.name) }
        default: return false
        }
        return true
    }
}
