/// A record's value as the line that it is in a file.
enum OneLine {
    /// The hash of `value` as a line: of its bytes, or where line breaks lie between its tokens, of its bytes without the
    /// white space outside strings. It holds within this process only.
    static func hash(_ value: UnsafeRawBufferPointer) -> Int {
        var hasher = Hasher()
        if value.contains(where: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }) {
            withoutWhiteSpace(value).withUnsafeBytes { hasher.combine(bytes: $0) }
        } else {
            hasher.combine(bytes: value)
        }
        return hasher.finalize()
    }

    private static func withoutWhiteSpace(_ json: UnsafeRawBufferPointer) -> [UInt8] {
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
        return line
    }
}
