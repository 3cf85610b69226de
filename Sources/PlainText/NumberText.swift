/// Numbers as an English reader expects them, the same on every machine whatever its locale.
package enum NumberText {
    /// 1234567 is `1,234,567`.
    package static func whole(_ number: some BinaryInteger) -> String {
        let digits = String(number.magnitude)
        var grouped = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { grouped.append(",") }
            grouped.append(digit)
        }
        return number < 0 ? "-" + grouped : grouped
    }

    /// A number rounded to `decimals` places, away from zero at the half: 1234.567 is `1,234.57`.
    package static func decimal(_ number: Double, decimals: Int) -> String {
        guard number.isFinite, abs(number) < 1e15 else { return "–" }
        var scale = 1
        for _ in 0..<decimals { scale *= 10 }
        let scaled = Int((number * Double(scale)).rounded())
        let (units, rest) = abs(scaled).quotientAndRemainder(dividingBy: scale)
        let sign = scaled < 0 ? "-" : ""
        if decimals == 0 { return sign + whole(units) }
        let digits = String(rest)
        return sign + whole(units) + "." + String(repeating: "0", count: decimals - digits.count) + digits
    }

    /// Hundredths with two decimals and without grouping, as programs read them: 123450 is `1234.50`.
    package static func plain(hundredths: Int64) -> String {
        let (units, rest) = hundredths.magnitude.quotientAndRemainder(dividingBy: 100)
        var text = hundredths < 0 ? "-" : ""
        text += String(units)
        text += rest < 10 ? ".0" : "."
        return text + String(rest)
    }

    /// Percent with one decimal: `12.3%`.
    package static func percent(_ number: Double) -> String {
        decimal(number, decimals: 1) + "%"
    }

    /// A part of a whole, in percent; `–` where there is no whole.
    package static func share(_ part: Int, of whole: Int) -> String {
        whole > 0 ? percent(100 * Double(part) / Double(whole)) : "–"
    }

    /// Bytes in decimal units: `29.3 MB`.
    package static func bytes(_ count: Int) -> String {
        var value = Double(count)
        var units = ["bytes", "kB", "MB", "GB", "TB"][...]
        while value >= 1000, units.count > 1 {
            value /= 1000
            units = units.dropFirst()
        }
        let isWhole = units.first == "bytes"
        return (isWhole ? whole(count) : decimal(value, decimals: 1)) + "\u{A0}" + (units.first ?? "bytes")
    }

    /// A count with its noun: `1 user`, `2 users`.
    package static func count(_ number: Int, _ one: String, _ many: String? = nil) -> String {
        whole(number) + " " + (number == 1 ? one : many ?? one + "s")
    }

    /// `a`, `a and b`, `a, b and c`.
    package static func list(_ items: [String]) -> String {
        guard let last = items.last, items.count > 1 else { return items.first ?? "" }
        return items.dropLast().joined(separator: ", ") + " and " + last
    }
}
