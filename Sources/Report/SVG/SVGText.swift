import PlainText

/// Text and numbers as they stand in markup.
package enum SVGText {
    /// Replaces what markup would take for its own. Characters that cannot be shown, many of which XML cannot hold, are
    /// written out (see `PrintableText`).
    package static func escape(_ text: String) -> String {
        var escaped = ""
        escaped.reserveCapacity(text.utf8.count)
        for scalar in PrintableText.escaping(text).unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            case "\u{FFFE}", "\u{FFFF}": continue
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    /// A coordinate to a tenth, without needless zeros.
    package static func coordinate(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        let (units, rest) = abs(tenths).quotientAndRemainder(dividingBy: 10)
        return (tenths < 0 ? "-" : "") + (rest == 0 ? "\(units)" : "\(units).\(rest)")
    }
}
