import Checksums
import Glibc
package import Storage

/// Reads a file of the raw zone once, from front to back, in pieces: counts lines and bytes, sums them up in a
/// checksum, and lends each line to whoever wants it.
package struct RawFileScanner {
    /// Bounds of reading.
    package enum Limits {
        /// How many bytes are read at once.
        package static let pieceBytes = 4 * 1024 * 1024
        /// The longest line that is lent; a longer one is counted only. Kafka's records are far shorter.
        package static let lineBytesMax = 64 * 1024 * 1024
    }

    private var scan = FileScan()
    private var checksum = CRC32C()
    /// The beginning of a line whose end is in the next piece.
    private var rest: [UInt8] = []
    private var lineNumber: Int64 = 0

    /// Scans the file at `path`.
    ///
    /// - Parameter onLine: is lent each line without its line feed, and its number from 1.
    package static func scan(
        _ path: StoragePath,
        in storage: any FileSystem,
        onLine: ((UnsafeRawBufferPointer, Int64) -> Void)? = nil
    ) async throws(StorageError) -> FileScan {
        var scanner = RawFileScanner()
        while true {
            let piece = try await storage.read(path, from: scanner.scan.bytes, count: Limits.pieceBytes)
            if piece.isEmpty { break }
            scanner.take(piece, onLine)
        }
        return scanner.finish(onLine)
    }

    /// Takes the next bytes of the file.
    mutating func take(_ piece: [UInt8], _ onLine: ((UnsafeRawBufferPointer, Int64) -> Void)?) {
        scan.bytes += Int64(piece.count)
        checksum.update(piece)
        piece.withUnsafeBytes { bytes in
            var start = bytes.startIndex
            while let end = Self.lineFeed(in: bytes, from: start) {
                line(UnsafeRawBufferPointer(rebasing: bytes[start..<end]), onLine)
                start = end + 1
            }
            scan.endsWithLineFeed = start == bytes.endIndex
            if rest.count + bytes.count - start <= Limits.lineBytesMax {
                rest.append(contentsOf: bytes[start...])
            }
        }
    }

    mutating func finish(_ onLine: ((UnsafeRawBufferPointer, Int64) -> Void)?) -> FileScan {
        if !scan.endsWithLineFeed { line(UnsafeRawBufferPointer(start: nil, count: 0), onLine) }
        scan.checksum = checksum.digits
        return scan
    }

    /// A line whose last part is `end`.
    private mutating func line(
        _ end: UnsafeRawBufferPointer,
        _ onLine: ((UnsafeRawBufferPointer, Int64) -> Void)?
    ) {
        lineNumber += 1
        scan.rows += 1
        if rest.isEmpty {
            onLine?(end, lineNumber)
            return
        }
        rest.append(contentsOf: end)
        rest.withUnsafeBytes { onLine?($0, lineNumber) }
        rest.removeAll(keepingCapacity: true)
    }

    private static func lineFeed(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard start < bytes.count, let base = bytes.baseAddress else { return nil }
        guard let found = memchr(base + start, Int32(UInt8(ascii: "\n")), bytes.count - start) else { return nil }
        return base.distance(to: UnsafeRawPointer(found))
    }
}
