/// A JSON number read from its text, without a detour over binary floating point.
///
/// Digits beyond the 15th significant one are rounded away, half up. A `Double` holds 15 decimal digits; what it writes
/// beyond is noise: a sender that adds 0.1 and 0.2 sends 0.30000000000000004 and means 0.3.
struct JSONDecimal: Equatable {
    /// Decimal digits that count.
    static let digitsMax = 15

    let isNegative: Bool
    /// The number is `significand` · 10^`exponent`.
    let significand: UInt64
    let exponent: Int

    /// A number as a multiple of a power of ten.
    enum Scaled: Equatable {
        case whole(Int64)
        /// It is not a multiple.
        case fraction
        /// It does not fit 64 bits.
        case tooLarge
    }

    /// - Returns: `nil` where `text` is not one JSON number.
    init?(_ text: UnsafeRawBufferPointer) {
        var digits = Digits()
        var index = 0
        let isNegative = index < text.count && text[index] == UInt8(ascii: "-")
        if isNegative { index += 1 }
        let wholeStart = index
        while index < text.count, let digit = Self.digit(text[index]) {
            digits.take(digit)
            index += 1
        }
        let wholeDigits = index - wholeStart
        guard wholeDigits > 0, wholeDigits == 1 || text[wholeStart] != UInt8(ascii: "0") else { return nil }
        var exponent = 0
        if index < text.count, text[index] == UInt8(ascii: ".") {
            index += 1
            let start = index
            while index < text.count, let digit = Self.digit(text[index]) {
                digits.take(digit)
                index += 1
            }
            guard index > start else { return nil }
            exponent = start - index
        }
        if index < text.count, text[index] | 0x20 == UInt8(ascii: "e") {
            guard let written = Self.exponent(text[(index + 1)...]) else { return nil }
            exponent += written
            index = text.count
        }
        guard index == text.count else { return nil }
        self.isNegative = isNegative
        self.significand = digits.rounded
        self.exponent = exponent + digits.dropped
    }

    /// The number times 10^`power`.
    func scaled(byPowerOfTen power: Int) -> Scaled {
        if significand == 0 { return .whole(0) }
        let places = exponent + power
        var magnitude = significand
        if places >= 0 {
            for _ in 0..<min(places, 20) {
                let (product, overflow) = magnitude.multipliedReportingOverflow(by: 10)
                if overflow { return .tooLarge }
                magnitude = product
            }
        } else {
            for _ in 0..<min(-places, 20) {
                guard magnitude.isMultiple(of: 10) else { return .fraction }
                magnitude /= 10
            }
        }
        guard let value = Int64(exactly: magnitude) else { return .tooLarge }
        return .whole(isNegative ? -value : value)
    }

    /// The significant digits, as they come.
    private struct Digits {
        private var significand: UInt64 = 0
        private var count = 0
        private var roundsUp = false
        /// Digits that were left out at the end.
        private(set) var dropped = 0

        mutating func take(_ digit: UInt8) {
            if count < JSONDecimal.digitsMax {
                significand = significand * 10 + UInt64(digit)
                if significand > 0 { count += 1 }
            } else {
                if dropped == 0 { roundsUp = digit >= 5 }
                dropped += 1
            }
        }

        var rounded: UInt64 { roundsUp ? significand + 1 : significand }
    }

    /// Reads what follows the `e`. An exponent beyond a million is taken for a million: its number is zero, a fraction
    /// or too large either way.
    private static func exponent(_ text: Slice<UnsafeRawBufferPointer>) -> Int? {
        var rest = text
        let sign = rest.first
        if sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { rest.removeFirst() }
        guard !rest.isEmpty else { return nil }
        var value = 0
        for byte in rest {
            guard let digit = digit(byte) else { return nil }
            value = min(value * 10 + Int(digit), 1_000_000)
        }
        return sign == UInt8(ascii: "-") ? -value : value
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        let digit = byte &- UInt8(ascii: "0")
        return digit <= 9 ? digit : nil
    }
}
