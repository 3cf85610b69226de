/// Text from outside, made safe to show on a terminal or in a log: one line stays one line, and nothing in it is a
/// command to the terminal.
///
/// Escaped are control characters (C0, DEL and C1), line and paragraph separators, and the characters that reorder what
/// stands beside them (bidirectional controls). All else is shown as it is, a backslash too: the text is for people, and
/// is not read back.
package enum PrintableText {
    /// `text` with `\n`, `\r`, `\t`, or `\u{1b}` in place of what must not be shown.
    package static func escaping(_ text: String) -> String {
        // Most text is plain ASCII and needs no copy.
        if text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) { return text }
        var shown = ""
        for scalar in text.unicodeScalars { append(scalar, to: &shown) }
        return shown
    }

    /// The same for the text in `bytes`; a byte that belongs to no character of UTF-8 becomes `\xff`.
    package static func escaping(_ bytes: some Sequence<UInt8>) -> String {
        var shown = ""
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            var decoder = Unicode.UTF8.ForwardParser()
            var input = rest.makeIterator()
            switch decoder.parseScalar(from: &input) {
            case .valid(let encoded):
                append(Unicode.UTF8.decode(encoded), to: &shown)
                rest = rest.dropFirst(encoded.count)
            case .error(let length):
                for byte in rest.prefix(length) { shown += "\\x" + hexadecimal(UInt32(byte), digits: 2) }
                rest = rest.dropFirst(length)
            case .emptyInput:
                return shown
            }
        }
        return shown
    }

    private static func append(_ scalar: Unicode.Scalar, to shown: inout String) {
        switch scalar {
        case "\n": shown += "\\n"
        case "\r": shown += "\\r"
        case "\t": shown += "\\t"
        case _ where isUnsafe(scalar): shown += "\\u{" + hexadecimal(scalar.value, digits: 2) + "}"
        default: shown.unicodeScalars.append(scalar)
        }
    }

    private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 0x20 { return true }
        if scalar.value < 0x7F { return false }
        return switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: scalar.properties.isBidiControl
        }
    }

    private static func hexadecimal(_ number: UInt32, digits: Int) -> String {
        let text = String(number, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
