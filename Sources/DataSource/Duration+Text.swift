extension Duration {
    /// As a number of seconds.
    var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }

    /// Reads a whole number and its unit: `500ms`, `30s`, `5m`, `2h`; without a unit, seconds. `nil`: the text is
    /// anything else, or longer than a hundred years.
    package init?(text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let milliseconds: Int64
        switch text.dropFirst(digits.count) {
        case "ms": milliseconds = 1
        case "s", "": milliseconds = 1_000
        case "m": milliseconds = 60_000
        case "h": milliseconds = 3_600_000
        default: return nil
        }
        let longest: Int64 = 100 * 365 * 24 * 3_600_000
        guard let number = Int64(digits), number <= longest / milliseconds else { return nil }
        self = .milliseconds(number * milliseconds)
    }
}
