/// JSON as Python's `json.dumps` writes it by default: `", "` and `": "` between tokens, strings in ASCII, floats by
/// `repr`.
package enum PythonJSON {
    /// A string with its quotation marks; all but printable ASCII is escaped as UTF-16, two escapes beyond U+FFFF.
    package static func string(_ text: String) -> String {
        var result = "\""
        for unit in text.utf16 {
            switch unit {
            case 0x22: result += "\\\""
            case 0x5C: result += "\\\\"
            case 0x08: result += "\\b"
            case 0x09: result += "\\t"
            case 0x0A: result += "\\n"
            case 0x0C: result += "\\f"
            case 0x0D: result += "\\r"
            case 0x20...0x7E: result.unicodeScalars.append(Unicode.Scalar(UInt8(unit)))
            default:
                let digits = String(unit, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
        }
        return result + "\""
    }

    /// A number of hundredths as a float: 160 is `1.6`, 285 is `2.85`, 500 is `5.0`.
    package static func float(hundredths: UInt32) -> String {
        let (whole, part) = hundredths.quotientAndRemainder(dividingBy: 100)
        if part.isMultiple(of: 10) { return "\(whole).\(part / 10)" }
        return part < 10 ? "\(whole).0\(part)" : "\(whole).\(part)"
    }
}
