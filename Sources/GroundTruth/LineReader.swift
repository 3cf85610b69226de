/// The lines of a file, one after the other, with their numbers for errors.
struct LineReader {
    let path: String
    private let bytes: [UInt8]
    /// Where the next line begins.
    private(set) var position = 0
    private var line = 0

    init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
    }

    /// The next line, without its end.
    mutating func next() throws(GroundTruthError) -> ArraySlice<UInt8> {
        line += 1
        guard let end = bytes[position...].firstIndex(of: UInt8(ascii: "\n")) else {
            throw failure("the file ends too early")
        }
        defer { position = end + 1 }
        return bytes[position..<end]
    }

    /// Passes over a line that must be `text`.
    mutating func expect(_ text: String) throws(GroundTruthError) {
        guard try next().elementsEqual(text.utf8) else { throw failure("'\(text)' was expected") }
    }

    /// What is wrong with the line that was read last.
    func failure(_ reason: String) -> GroundTruthError {
        .malformed(path, line: line, because: reason)
    }
}
