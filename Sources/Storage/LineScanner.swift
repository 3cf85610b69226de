import Glibc

/// Reads files line by line, each from its beginning to its end.
///
///     try await scanner.open(path, in: storage)
///     while let bytes = try await scanner.readPiece() {
///         while let line = scanner.nextLine() { … }
///     }
///
/// Lines end with a line feed; the last one may lack it. Memory is one piece, or one line where that is longer. Not
/// `Sendable`: it is used by one task, for one file after the other.
package final class LineScanner {
    package enum Line {
        /// The bytes without the line feed; as many readable bytes follow as the scanner was asked for. Valid until the
        /// next call.
        case bytes(UnsafeRawBufferPointer)
        /// It is longer than the longest that is allowed.
        case tooLong
    }

    private static let lineFeed = UInt8(ascii: "\n")

    /// Room for the longest line and its line feed.
    private let capacityMax: Int
    private let pieceBytes: Int
    private let paddingBytes: Int
    private var buffer: UnsafeMutableRawPointer
    private var capacity: Int
    private var file: (any FileReader)?
    /// The bytes in the buffer that no line was given of yet.
    private var unread = 0..<0
    /// How many of these are known to hold no line feed.
    private var searched = 0
    /// The rest of a line that is too long is skipped.
    private var isInLongLine = false
    private var isAtEnd = false

    /// How many bytes of the file were read.
    package private(set) var position: Int64 = 0
    /// The number of the line that was given last, the first being 1.
    package private(set) var lineNumber: Int64 = 0
    /// Whether the last byte that was read is a line feed; true for an empty file.
    package private(set) var endsWithLineFeed = true

    /// - Parameters:
    ///   - lineBytesMax: the longest line, without its line feed.
    ///   - pieceBytes: how many bytes are read at once.
    ///   - paddingBytes: how many bytes are readable behind every line, for parsers that read ahead.
    package init(lineBytesMax: Int, pieceBytes: Int, paddingBytes: Int = 0) {
        precondition(lineBytesMax > 0 && pieceBytes > 0, "a scanner needs room")
        capacityMax = lineBytesMax + 1
        self.pieceBytes = pieceBytes
        self.paddingBytes = paddingBytes
        capacity = 1
        buffer = Self.allocate(capacity + paddingBytes)
    }

    /// A raw buffer instead of an array: a parser reads behind the end of a line, into bytes that must be ours.
    private static func allocate(_ count: Int) -> UnsafeMutableRawPointer {
        let buffer = UnsafeMutableRawPointer.allocate(byteCount: count, alignment: 1)
        buffer.initializeMemory(as: UInt8.self, repeating: 0, count: count)
        return buffer
    }

    deinit { buffer.deallocate() }

    /// Begins a file.
    package func open(_ path: StoragePath, in storage: any FileSystem) async throws(StorageError) {
        file = nil
        unread = 0..<0
        searched = 0
        isInLongLine = false
        isAtEnd = false
        position = 0
        lineNumber = 0
        endsWithLineFeed = true
        let file = try await storage.open(path)
        self.file = file
        // A small file needs no room for a whole piece.
        let wanted = min(pieceBytes, capacityMax, Int(clamping: file.length) + 1)
        if wanted > capacity { grow(to: wanted) }
    }

    /// Reads the next bytes, once all lines of those before were taken.
    ///
    /// - Returns: the bytes, valid until the next call; none at the end of the file, where one more line may follow that
    ///   has no line feed. `nil` behind that.
    package func readPiece() async throws(StorageError) -> UnsafeRawBufferPointer? {
        guard let file, !isAtEnd else { return nil }
        makeRoom()
        let start = unread.upperBound
        var room = UnsafeMutableRawBufferPointer(start: buffer + start, count: capacity - start).mutableBytes
        let count = try await file.read(from: position, into: &room)
        let bytes = UnsafeRawBufferPointer(start: buffer + start, count: count)
        position += Int64(count)
        unread = unread.lowerBound..<start + count
        if let last = bytes.last {
            endsWithLineFeed = last == Self.lineFeed
        } else {
            isAtEnd = true
            await file.close()
            self.file = nil
        }
        return bytes
    }

    /// The next line that is in the bytes read so far; `nil` where more bytes are needed, or the file is at its end.
    package func nextLine() -> Line? {
        let start = unread.lowerBound
        let found = memchr(buffer + start + searched, Int32(Self.lineFeed), unread.count - searched)
        if let found {
            let end = UnsafeRawPointer(found) - UnsafeRawPointer(buffer)
            unread = end + 1..<unread.upperBound
            return line(start..<end)
        }
        searched = unread.count
        guard isAtEnd, !endsWithLineFeed, isInLongLine || !unread.isEmpty else { return nil }
        unread = unread.upperBound..<unread.upperBound
        return line(start..<unread.upperBound)
    }

    private func line(_ range: Range<Int>) -> Line {
        searched = 0
        lineNumber += 1
        if isInLongLine {
            isInLongLine = false
            return .tooLong
        }
        return .bytes(UnsafeRawBufferPointer(start: buffer + range.lowerBound, count: range.count))
    }

    /// Moves the beginning of a line to the front, in a larger buffer if it fills this one; drops what is read of a line
    /// that is too long.
    private func makeRoom() {
        let rest = isInLongLine ? 0 : unread.count
        if rest == capacityMax {
            isInLongLine = true
            unread = 0..<0
            searched = 0
        } else if rest == capacity {
            grow(to: min(capacity * 2, capacityMax))
        } else {
            if unread.lowerBound > 0 { memmove(buffer, buffer + unread.lowerBound, rest) }
            unread = 0..<rest
            searched = min(searched, rest)
        }
    }

    private func grow(to larger: Int) {
        let grown = Self.allocate(larger + paddingBytes)
        grown.copyMemory(from: buffer + unread.lowerBound, byteCount: unread.count)
        buffer.deallocate()
        (buffer, capacity) = (grown, larger)
        unread = 0..<unread.count
    }
}
