import Checksums
import CommitLedger
import Storage

/// A file of JSON lines under its temporary name, while records are added to it.
///
/// Bytes are gathered into large pieces before they go to the storage; nothing else of a record is kept.
struct LineFile {
    let directory: String
    let temporary: StoragePath
    /// The span of time, in milliseconds since 1970, whose records certainly lie in its directory.
    var span: Range<Int64>
    private let writer: any FileWriter
    private var buffer: [UInt8] = []
    private var checksum = CRC32C()
    private(set) var rows: Int64 = 0
    private(set) var bytes: Int64 = 0
    private var first: Int64 = .max
    private var last: Int64 = .min
    private var least: Int64 = .max
    private var greatest: Int64 = .min

    init(directory: String, temporary: StoragePath, span: Range<Int64>, writer: any FileWriter) {
        self.directory = directory
        self.temporary = temporary
        self.span = span
        self.writer = writer
    }

    /// What it holds in memory: a buffer keeps its room when its bytes are written, until `writeOut`.
    var memoryBytes: Int { buffer.capacity }

    /// Adds lines; each ends with a line feed.
    mutating func append(_ lines: UnsafeRawBufferPointer) {
        buffer.append(contentsOf: lines)
        bytes += Int64(lines.count)
    }

    /// Says which records the lines were that were added last.
    mutating func took(rows: Int64, offsets: ClosedRange<Int64>, least: Int64, greatest: Int64) {
        self.rows += rows
        first = min(first, offsets.lowerBound)
        last = max(last, offsets.upperBound)
        self.least = min(self.least, least)
        self.greatest = max(self.greatest, greatest)
    }

    /// Hands what was gathered to the storage if it is `bytesMax` or more.
    mutating func flush(ifAtLeast bytesMax: Int) async throws(StorageError) {
        guard buffer.count >= bytesMax, !buffer.isEmpty else { return }
        checksum.update(buffer)
        try await writer.write(buffer.span.bytes)
        buffer.removeAll(keepingCapacity: true)
    }

    /// Hands all that was gathered to the storage, and lets go of the memory.
    mutating func writeOut() async throws(StorageError) {
        try await flush(ifAtLeast: 0)
        buffer = []
    }

    /// Ends the file and says what it holds, to be committed.
    mutating func close(layout: CommitLayout, lineage: Int64) async throws(StorageError) -> CommitRecord.File {
        try await writeOut()
        let length = try await writer.close()
        guard length == bytes else {
            let reason = "\(bytes) bytes were written and it has \(length)"
            throw StorageError(.wrongLength, .close, temporary.description, reason)
        }
        return CommitRecord.File(
            temporary: temporary.string,
            final: try layout.final(directory: directory, first: first, last: last, lineage: lineage).string,
            first: first,
            last: last,
            rows: rows,
            bytes: bytes,
            crc32c: checksum.digits,
            least: least,
            greatest: greatest
        )
    }

    /// Lets go of the file, which stays under its temporary name.
    func abandon() async {
        await writer.abandon()
    }
}
