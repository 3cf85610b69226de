import PlainText

/// Makes text from the data safe to show.
enum SafeText {
    /// A page or a text of many lines: all but its line feeds that cannot be shown, or that would reorder or command what
    /// stands around it, is written out.
    static func lines(_ text: String) -> String {
        text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
            .map { PrintableText.escaping(String($0)) }
            .joined(separator: "\n")
    }

    /// JSON text with the same characters escaped, as JSON escapes them: it may be shown on a terminal. They stand in
    /// strings only.
    static func json(_ text: String) -> String {
        var safe = ""
        safe.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            if scalar.value < 0x7F || PrintableText.escaping(String(scalar)) == String(scalar) {
                safe.unicodeScalars.append(scalar)
            } else {
                let digits = String(scalar.value, radix: 16)
                safe += "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
            }
        }
        return safe
    }
}
