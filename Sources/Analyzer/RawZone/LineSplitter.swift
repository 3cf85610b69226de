import Analysis
import Community
import Glibc
import Storage

/// Cuts the bytes of a file, handed over piece by piece, into lines.
///
/// Lines end with a line feed; the last one may lack it. Empty lines (a carriage return before the
/// line feed is none of their content) are passed over, but counted. Not `Sendable`: it
/// is one worker's own and serves one file after the other.
final class LineSplitter {
    /// What stands in a line.
    enum Line {
        /// Its bytes, without the line feed, with ``RowReader/padding`` readable bytes behind them; valid until the
        /// call returns.
        case bytes(UnsafeBufferPointer<UInt8>)
        /// It is longer than the longest that is allowed.
        case tooLong
    }

    private static let lineFeed: UInt8 = 10

    /// Room for the longest line and its line feed.
    private let capacity: Int
    private let buffer: UnsafeMutablePointer<UInt8>
    /// Bytes at the front of the buffer that belong to a line not yet ended.
    private var filled = 0
    /// Lines ended so far.
    private var line = 0
    /// The rest of a line that is too long is being passed over.
    private var isInLongLine = false

    /// How many bytes the next piece may have; more than zero.
    var room: Int { capacity - filled }

    private let onBytes: (Int) -> Void

    /// - Parameters:
    ///   - lineBytesMax: longest line, in bytes, without its line feed.
    ///   - onBytes: told how many bytes more were read of a file, and their lines handed on.
    init(lineBytesMax: Int = Limits.lineBytesMax, onBytes: @escaping (Int) -> Void = { _ in }) {
        self.onBytes = onBytes
        precondition(lineBytesMax > 0, "a line splitter needs room")
        capacity = lineBytesMax + 1
        // A raw buffer and not an array: the parser reads behind the end of a line, into bytes that must be ours.
        buffer = .allocate(capacity: capacity + RowReader.padding)
        buffer.initialize(repeating: 0, count: capacity + RowReader.padding)
    }

    deinit {
        buffer.deallocate()
    }

    /// Reads a file from its beginning to its end and calls `body` with every line and its number, the first being 1.
    ///
    /// - Returns: how many bytes it has.
    func read(
        _ file: RawZoneFile,
        of storage: any FileSystem,
        _ body: (Line, Int) throws(AnalysisError) -> Void
    ) async throws(AnalysisError) -> Int {
        start()
        var bytes = 0
        while true {
            let piece: [UInt8]
            do {
                piece = try await storage.read(file.path, from: Int64(bytes), count: room)
            } catch {
                throw .unreadable(file.path.description, error)
            }
            if piece.isEmpty { break }
            bytes += piece.count
            try receive(piece, body)
            onBytes(piece.count)
        }
        try end(body)
        return bytes
    }

    /// A new file begins.
    func start() {
        filled = 0
        line = 0
        isInLongLine = false
    }

    /// Takes the next piece of the file, at most ``room`` bytes, and calls `body` with every line that it ends and the
    /// line's number, the first being 1.
    func receive(_ piece: [UInt8], _ body: (Line, Int) throws(AnalysisError) -> Void) throws(AnalysisError) {
        precondition(piece.count <= room, "a piece of \(piece.count) bytes came where \(room) were asked for")
        piece.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            memcpy(buffer + filled, start, bytes.count)
        }
        filled += piece.count
        var start = 0
        while let found = memchr(buffer + start, Int32(Self.lineFeed), filled - start) {
            let end = UnsafeRawPointer(found) - UnsafeRawPointer(buffer)
            line += 1
            if isInLongLine {
                isInLongLine = false
            } else if !isEmpty(start..<end) {
                try body(.bytes(UnsafeBufferPointer(start: buffer + start, count: end - start)), line)
            }
            start = end + 1
        }
        try keep(from: start, body)
    }

    /// The file is over: hands on a last line without a line feed.
    func end(_ body: (Line, Int) throws(AnalysisError) -> Void) throws(AnalysisError) {
        if !isInLongLine, !isEmpty(0..<filled) {
            try body(.bytes(UnsafeBufferPointer(start: buffer, count: filled)), line + 1)
        }
        start()
    }

    private func isEmpty(_ line: Range<Int>) -> Bool {
        line.isEmpty || line.count == 1 && buffer[line.lowerBound] == UInt8(ascii: "\r")
    }

    /// Moves what follows the last whole line to the front.
    private func keep(
        from start: Int,
        _ body: (Line, Int) throws(AnalysisError) -> Void
    ) throws(AnalysisError) {
        let rest = filled - start
        if rest == capacity {
            if !isInLongLine { try body(.tooLong, line + 1) }
            isInLongLine = true
        } else if start > 0 {
            memmove(buffer, buffer + start, rest)
        }
        filled = isInLongLine ? 0 : rest
    }
}
