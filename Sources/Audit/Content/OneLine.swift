/// Lines of files as numbers. They hold within this process only.
enum OneLine {
    static func hash(_ line: UnsafeRawBufferPointer) -> Int {
        var hasher = Hasher()
        hasher.combine(bytes: line)
        return hasher.finalize()
    }

    /// Whether a value cannot be a line as it is.
    static func hasBreaks(_ value: UnsafeRawBufferPointer) -> Bool {
        value.contains { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
    }

    /// The hash of `json` without the white space outside strings: the line that programs before commit records of
    /// version 2 made of a value with line breaks.
    static func compactHash(_ json: UnsafeRawBufferPointer) -> Int {
        var line: [UInt8] = []
        var isInString = false
        var isEscaped = false
        for byte in json {
            if isInString {
                isInString = isEscaped || byte != UInt8(ascii: "\"")
                isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
            } else if [0x20, 0x09, 0x0A, 0x0D].contains(byte) {
                continue
            } else {
                isInString = byte == UInt8(ascii: "\"")
            }
            line.append(byte)
        }
        return line.withUnsafeBytes { hash($0) }
    }
}
