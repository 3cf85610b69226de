/// Lines of comma-separated values as RFC 4180 has them: CRLF at the end, quotes where a field needs them.
package enum CSVText {
    /// A cell's content. Only what our own code writes is a number; everything from the data is text.
    package enum Cell: Equatable, Sendable {
        case text(String)
        case number(String)
    }

    /// One line. A cell with a comma, a quote or a line break is quoted, its quotes doubled.
    ///
    /// A text that a spreadsheet would take for a formula, since it begins with `=`, `+`, `-`, `@`, their full-width
    /// forms, a tab or a line break, gets an apostrophe before it, and so does one that already begins with apostrophes
    /// before such a character: to get the text back, take one apostrophe from each that stands before one of them.
    package static func line(_ cells: [Cell]) -> String {
        var line = ""
        for (index, cell) in cells.enumerated() {
            if index > 0 { line += "," }
            line += field(cell)
        }
        return line + "\r\n"
    }

    /// The text that a cell stands for: without the apostrophe that keeps a spreadsheet from taking it for a formula.
    static func withoutGuard(_ text: String) -> String {
        guard text.hasPrefix("'"), let first = text.unicodeScalars.first(where: { $0 != "'" }), startsFormula(first)
        else { return text }
        return String(text.unicodeScalars.dropFirst())
    }

    private static func startsFormula(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "=", "+", "-", "@", "\t", "\r", "\n", "\u{FF1D}", "\u{FF0B}", "\u{FF0D}", "\u{FF20}": true
        default: false
        }
    }

    private static func field(_ cell: Cell) -> String {
        switch cell {
        case .number(let number): return number
        case .text(let text):
            let first = text.unicodeScalars.first { $0 != "'" }
            let isFormula = first.map(startsFormula) ?? false
            return quoted(isFormula ? "'" + text : text)
        }
    }

    private static func quoted(_ text: String) -> String {
        var text = text
        let needsQuotes = text.withUTF8 { $0.contains { $0 == 0x2C || $0 == 0x22 || $0 == 0x0A || $0 == 0x0D } }
        guard needsQuotes else { return text }
        var quoted = "\""
        for character in text.unicodeScalars {
            if character == "\"" { quoted.unicodeScalars.append(character) }
            quoted.unicodeScalars.append(character)
        }
        return quoted + "\""
    }
}
