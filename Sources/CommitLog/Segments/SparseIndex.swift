import Checksums
import Files
import NIOCore
import SystemPackage

/// The sorted entries of a segment's index: in memory while the segment grows, in their file once it is sealed.
///
/// The file is the entries one after the other. It can be made again from the log at any time, so it needs no
/// checksum: a lookup checks that a batch of that offset is at that position.
enum SparseIndex<Entry: IndexEntry>: Sendable {
    case memory([Entry])
    /// Searched in its file, few entries at a time, so that old segments take no memory.
    case file(FilePath, count: Int, Disk)

    static var empty: Self { .memory([]) }

    /// The index in a file; `nil` where there is none or it cannot be one.
    static func opening(_ path: FilePath, disk: Disk) throws(FileError) -> Self? {
        guard disk.exists(path) else { return nil }
        let size = try disk.open(path).size()
        guard size % Entry.byteCount == 0 else { return nil }
        return .file(path, count: size / Entry.byteCount, disk)
    }

    /// The first entries of an index's file, in memory; `nil` where they are not as they were written.
    static func opening(_ path: FilePath, first part: RecoveryPoint.IndexPart, disk: Disk) throws(FileError) -> Self? {
        if part.count == 0 { return .empty }
        guard disk.exists(path) else { return nil }
        let file = try disk.open(path)
        // Before memory is taken for them.
        guard try file.size() / Entry.byteCount >= part.count else { return nil }
        var bytes = ByteBuffer()
        try file.read(part.count * Entry.byteCount, at: 0, into: &bytes)
        guard CRC32C.checksum(of: bytes.readableBytesSpan) == part.crc32c else { return nil }
        return .memory(entries(in: bytes, count: part.count))
    }

    var count: Int {
        switch self {
        case .memory(let entries): entries.count
        case .file(_, let count, _): count
        }
    }

    mutating func append(_ entry: Entry) {
        guard case .memory(var entries) = self else {
            preconditionFailure("an entry for the index of a sealed segment")
        }
        // Emptied first, so that appending does not copy the array.
        self = .memory([])
        entries.append(entry)
        self = .memory(entries)
    }

    /// The last entry of those at the front that satisfy `isBefore`; `nil` where not even the first one does.
    func last(where isBefore: (Entry) -> Bool) throws(FileError) -> Entry? {
        var lookup = try lookup()
        return try lookup.last(where: isBefore)
    }

    /// For several searches.
    func lookup() throws(FileError) -> Lookup {
        switch self {
        case .memory(let entries): return Lookup(place: .memory(entries), count: entries.count)
        case .file(_, 0, _): return .init(place: .memory([]), count: 0)
        case .file(let path, let count, let disk): return .init(place: .file(try disk.open(path)), count: count)
        }
    }

    /// Searches an index. It opens the file once, and keeps the entries that it read last: what is searched next is nearly
    /// always among them.
    struct Lookup {
        fileprivate enum Place {
            case memory([Entry])
            case file(OpenFile)
        }

        private let place: Place
        private let count: Int
        /// Entries that were read together, as they are in the file.
        private var block = ByteBuffer()
        private var blockStart = 0

        fileprivate init(place: Place, count: Int) {
            self.place = place
            self.count = count
        }

        /// See ``SparseIndex/last(where:)``.
        mutating func last(where isBefore: (Entry) -> Bool) throws(FileError) -> Entry? {
            var found: Entry?
            var (low, high) = try range(around: isBefore) ?? (0, count)
            while low < high {
                if case .file(let file) = place, !isInBlock(low..<high), high - low <= LogLimits.indexEntriesPerRead {
                    try readBlock(low..<high, of: file)
                }
                let middle = low + (high - low) / 2
                let candidate = try entry(at: middle)
                if isBefore(candidate) {
                    found = candidate
                    low = middle + 1
                } else {
                    high = middle
                }
            }
            return found
        }

        /// The entries at hand, where they are known to have the one that is searched for.
        private func range(around isBefore: (Entry) -> Bool) throws(FileError) -> (low: Int, high: Int)? {
            let blockEnd = blockStart + block.readableBytes / Entry.byteCount
            guard blockStart < blockEnd, isBefore(try entry(at: blockStart)) else { return nil }
            if blockEnd == count { return (blockStart, blockEnd) }
            return isBefore(try entry(at: blockEnd - 1)) ? nil : (blockStart, blockEnd)
        }

        private func isInBlock(_ range: Range<Int>) -> Bool {
            range.lowerBound >= blockStart
                && range.upperBound <= blockStart + block.readableBytes / Entry.byteCount
        }

        private mutating func readBlock(_ range: Range<Int>, of file: OpenFile) throws(FileError) {
            block.clear()
            blockStart = range.lowerBound
            try file.read(range.count * Entry.byteCount, at: blockStart * Entry.byteCount, into: &block)
        }

        private func entry(at index: Int) throws(FileError) -> Entry {
            switch place {
            case .memory(let entries): return entries[index]
            case .file(let file):
                guard isInBlock(index..<(index + 1)) else { return try SparseIndex.entry(at: index, of: file) }
                var bytes = block
                bytes.moveReaderIndex(forwardBy: (index - blockStart) * Entry.byteCount)
                guard let entry = Entry(reading: &bytes) else { throw .endsBefore(index, file) }
                return entry
            }
        }
    }

    /// The last entry of all.
    func last() throws(FileError) -> Entry? {
        switch self {
        case .memory(let entries): return entries.last
        case .file(let path, let count, let disk):
            return count == 0 ? nil : try Self.entry(at: count - 1, of: disk.open(path))
        }
    }

    /// The same index with its entries in memory, to be added to.
    func inMemory() throws(FileError) -> Self {
        guard case .file(let path, let count, let disk) = self else { return self }
        let entries = Self.entries(in: ByteBuffer(bytes: try disk.contents(of: path) ?? []), count: count)
        guard entries.count == count else { throw .damagedLog(path, "its size has changed") }
        return .memory(entries)
    }

    /// Writes the entries to their file; the index then lives there.
    func saved(to path: FilePath, durably: Bool, disk: Disk) throws(FileError) -> Self {
        guard case .memory(let entries) = self else { return self }
        try disk.replace(path, with: Array(bytes(from: 0).readableBytesView), durably: durably)
        return .file(path, count: entries.count, disk)
    }

    /// The entries of an index in memory from the one of this number on, as its file has them.
    func bytes(from number: Int) -> ByteBuffer {
        guard case .memory(let entries) = self else {
            preconditionFailure("the index of a sealed segment is in its file")
        }
        guard number < entries.count else { return ByteBuffer() }
        var bytes = ByteBufferAllocator().buffer(capacity: (entries.count - number) * Entry.byteCount)
        for entry in entries[number...] { entry.write(to: &bytes) }
        return bytes
    }

    private static func entries(in bytes: ByteBuffer, count: Int) -> [Entry] {
        var bytes = bytes
        var entries: [Entry] = []
        entries.reserveCapacity(count)
        while let entry = Entry(reading: &bytes) { entries.append(entry) }
        return entries
    }

    fileprivate static func entry(at index: Int, of file: OpenFile) throws(FileError) -> Entry {
        var bytes = ByteBuffer()
        try file.read(Entry.byteCount, at: index * Entry.byteCount, into: &bytes)
        guard let entry = Entry(reading: &bytes) else { throw .endsBefore(index, file) }
        return entry
    }
}

extension FileError {
    fileprivate static func endsBefore(_ entry: Int, _ file: OpenFile) -> FileError {
        .damagedLog(file.path, "it ends before entry \(entry)")
    }
}

/// One entry of fixed size in a ``SparseIndex``.
protocol IndexEntry: Sendable {
    static var byteCount: Int { get }

    /// Reads an entry; `nil` where there are fewer bytes.
    init?(reading buffer: inout ByteBuffer)
    func write(to buffer: inout ByteBuffer)
}

/// Where a batch is.
///
///     0 uint32 offset of its first record, less the base offset of the segment
///     4 uint32 position of the batch in the segment's file
///
/// Big-endian, in the order of both. Entries are at least `index.interval.bytes` of log apart.
struct OffsetIndexEntry: IndexEntry, Hashable {
    static let byteCount = 8

    let relativeOffset: UInt32
    let position: UInt32

    init(relativeOffset: UInt32, position: UInt32) {
        self.relativeOffset = relativeOffset
        self.position = position
    }

    init?(reading buffer: inout ByteBuffer) {
        guard let fields = buffer.readMultipleIntegers(as: (UInt32, UInt32).self) else { return nil }
        (relativeOffset, position) = fields
    }

    func write(to buffer: inout ByteBuffer) { buffer.writeMultipleIntegers(relativeOffset, position) }
}

/// The greatest timestamp up to a place in the segment, and the batch that has it.
///
///     0 int64  greatest timestamp of all batches up to that place, ms since 1970
///     8 uint32 offset of the first record of the first batch that has it, less the base offset of the segment
///
/// Big-endian, both strictly rising. The place is that of the offset index's entry made with it, at or after the
/// batch. A sealed segment's last entry has the greatest timestamp of all.
struct TimeIndexEntry: IndexEntry, Hashable {
    static let byteCount = 12

    let timestamp: Int64
    let relativeOffset: UInt32

    init(timestamp: Int64, relativeOffset: UInt32) {
        self.timestamp = timestamp
        self.relativeOffset = relativeOffset
    }

    init?(reading buffer: inout ByteBuffer) {
        guard let fields = buffer.readMultipleIntegers(as: (Int64, UInt32).self) else { return nil }
        (timestamp, relativeOffset) = fields
    }

    func write(to buffer: inout ByteBuffer) { buffer.writeMultipleIntegers(timestamp, relativeOffset) }
}
