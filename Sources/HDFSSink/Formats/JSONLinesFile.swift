import Checksums
import ConnectAPI
import Storage

/// A file of JSON lines: each record's value, and a line feed.
///
/// Lines are gathered into large pieces before they go to the storage. A stretch that is large enough by itself is
/// written from the batch that it came in, without a copy.
struct JSONLinesFile: RecordFile {
    private let writer: any FileWriter
    private var buffer: [UInt8] = []
    private var checksum = CRC32C()
    private var rows: Int64 = 0
    private(set) var bytes: Int64 = 0

    init(_ writer: any FileWriter) {
        self.writer = writer
    }

    /// A buffer keeps its room when its bytes are written, until `writeOut`.
    var memoryBytes: Int { buffer.capacity }

    mutating func append(
        _ records: SinkRecords,
        _ run: Range<Int>,
        holding bytesMax: Int
    ) async throws(StorageError) {
        rows += Int64(records.valueRanges[run].count { !$0.isNull })
        for stretch in records.lineRuns(in: run) {
            bytes += Int64(stretch.count)
            if buffer.count + stretch.count >= bytesMax { try await flush() }
            if stretch.count >= bytesMax {
                let lines = records.values.span.bytes.extracting(stretch)
                checksum.update(lines)
                try await writer.write(lines)
            } else {
                buffer.append(contentsOf: records.values[stretch])
            }
        }
    }

    private mutating func flush() async throws(StorageError) {
        guard !buffer.isEmpty else { return }
        checksum.update(buffer)
        try await writer.write(buffer.span.bytes)
        buffer.removeAll(keepingCapacity: true)
    }

    mutating func writeOut() async throws(StorageError) {
        try await flush()
        buffer = []
    }

    mutating func close() async throws(StorageError) -> RecordFileContents {
        try await writeOut()
        let length = try await writer.close()
        guard length == bytes else {
            let reason = "\(bytes) bytes were written and it has \(length)"
            throw StorageError(.wrongLength, .close, "a file of JSON lines", reason)
        }
        return RecordFileContents(rows: rows, bytes: bytes, crc32c: checksum.digits)
    }

    func abandon() async { await writer.abandon() }
}
