import Files
package import KafkaProtocol
import NIOCore

/// Iterates over the batches of a segment's file, header by header.
///
/// It stops at the end, or before the first bytes that are not a complete batch; ``problem`` then says why.
struct BatchScanner: Sendable {
    let file: OpenFile
    /// The batches end here at the latest; bytes after it are not looked at.
    let end: Int
    /// Whether complete batches are read and their CRC checked, or headers only.
    let verifies: Bool
    /// Where the next batch begins.
    private(set) var position: Int
    /// What is wrong with the bytes at ``position``; `nil` where nothing was found.
    private(set) var problem: DecodeError?

    private let readBytes: Int
    private var window = ByteBuffer()
    /// Where in the file the window's bytes begin.
    private var windowStart = 0

    /// - Parameter readBytes: how much is read at a time; a verified batch that is longer is read whole.
    init(_ file: OpenFile, from position: Int, to end: Int, verifies: Bool, readBytes: Int) {
        self.file = file
        self.position = position
        self.end = end
        self.verifies = verifies
        self.readBytes = readBytes
    }

    /// A scanner of the headers next to a position from an index.
    init(lookingUpIn file: OpenFile, from position: Int, to end: Int) {
        self.init(file, from: position, to: end, verifies: false, readBytes: LogLimits.lookupReadBytes)
    }

    /// The next batch; `nil` at the end and at damaged bytes.
    mutating func next() throws(FileError) -> StoredBatch? {
        guard position < end, problem == nil else { return nil }
        try load(RecordBatchHeader.byteCount)
        let header: RecordBatchHeader
        do throws(DecodeError) {
            header = try RecordBatchHeader(window.readableBytesSpan.extracting(available))
            guard position + header.totalByteCount <= end else {
                throw DecodeError(.batchLength(header.totalByteCount, available: end - position), at: 8)
            }
        } catch {
            problem = error
            return nil
        }
        if verifies {
            try load(header.totalByteCount)
            do throws(DecodeError) {
                try header.verify(window.readableBytesSpan.extracting(available))
            } catch {
                problem = error
                return nil
            }
        }
        let batch = StoredBatch(header: header, position: position)
        position = batch.end
        return batch
    }

    /// The bytes of the batch that ``next()`` just returned, where it is one that ``verifies``.
    func bytes(of batch: StoredBatch) -> ByteBuffer {
        precondition(verifies && batch.end == position, "the batch at \(batch.position) is not the one just read")
        guard
            let bytes = window.getSlice(
                at: window.readerIndex + batch.position - windowStart,
                length: batch.header.totalByteCount
            )
        else { preconditionFailure("a batch that was verified is not in the window") }
        return bytes
    }

    /// The window's bytes from ``position`` on.
    private var available: Range<Int> { (position - windowStart)..<window.readableBytes }

    /// Reads further, so that the window has the next `count` bytes, or all that are left before ``end``.
    private mutating func load(_ count: Int) throws(FileError) {
        let needed = min(count, end - position)
        if position >= windowStart, position + needed <= windowStart + window.readableBytes { return }
        let size = min(max(readBytes, needed), end - position)
        window.clear(minimumCapacity: size)
        windowStart = position
        try file.read(size, at: position, into: &window)
    }
}

/// A batch in a segment, and where it is.
package struct StoredBatch: Sendable {
    package let header: RecordBatchHeader
    /// Where it begins in the segment's file.
    package let position: Int

    /// Where it ends.
    package var end: Int { position + header.totalByteCount }
}
