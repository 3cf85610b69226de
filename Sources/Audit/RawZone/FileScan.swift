import Checksums
package import Storage

/// What the bytes of a file in the raw zone say of it.
package struct FileScan: Hashable, Sendable {
    /// Bounds of reading.
    package enum Limits {
        /// How many bytes are read at once.
        package static let pieceBytes = 1024 * 1024
        /// The longest line that is passed on; a longer one is only counted. Kafka's records are far shorter.
        package static let lineBytesMax = 64 * 1024 * 1024
    }

    /// Lines; a last one without a line feed counts.
    package var rows: Int64 = 0
    package var bytes: Int64 = 0
    /// CRC-32C (Castagnoli) of the bytes, as commit records write it: 8 hexadecimal digits.
    package var checksum = CRC32C().digits
    /// Whether the last line has its line feed; an empty file has it.
    package var endsWithLineFeed = true

    /// The sum of its lines; only of files whose offsets interleave with those of others.
    package var sum = LineSum()

    package init() {}

    /// Reads the file at `path` once, from front to back.
    ///
    /// - Parameter onLine: is called with each line, without its line feed.
    package init(
        _ path: StoragePath,
        in storage: any FileSystem,
        onLine: (UnsafeRawBufferPointer) -> Void = { _ in }
    ) async throws(StorageError) {
        let lines = LineScanner(lineBytesMax: Limits.lineBytesMax, pieceBytes: Limits.pieceBytes)
        var checksum = CRC32C()
        try await lines.open(path, in: storage)
        while let piece = try await lines.readPiece() {
            checksum.update(piece)
            while let line = lines.nextLine() {
                if case .bytes(let bytes) = line { onLine(bytes) }
            }
        }
        rows = lines.lineNumber
        bytes = lines.position
        self.checksum = checksum.digits
        endsWithLineFeed = lines.endsWithLineFeed
    }
}
