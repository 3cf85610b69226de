import FoundationEssentials

/// What a line of the community's topics says about tokens: whose they are and how many, exact in hundredths.
package struct EventLine: Hashable, Sendable {
    /// `id_utente`.
    package let user: String
    /// `reward(tk)` or `prezzo(tk)` in hundredths of a token.
    package let hundredths: Int

    /// Which amount a topic's lines have; the values are the ends of what lies before it.
    package enum Amount: String, Hashable, Sendable {
        /// Of `comportamenti`: earned.
        case reward = #""reward(tk)": "#
        /// Of `premi`: spent.
        case price = #""prezzo(tk)": "#
    }

    /// Reads `line`, one JSON object; `nil` where it has no such user and amount.
    ///
    /// Lines as the source writes them are read without a parser: the user first, the amount last. All others are
    /// parsed, so that events of other systems count as well.
    package init?(_ line: UnsafeRawBufferPointer, _ amount: Amount) {
        if let quick = Self.quick(line, amount) ?? Self.parsed(line, amount) {
            (user, hundredths) = quick
        } else {
            return nil
        }
    }

    private static let opening = Array(#"{"id_utente": ""#.utf8)

    private static func quick(_ line: UnsafeRawBufferPointer, _ amount: Amount) -> (String, Int)? {
        guard line.starts(with: opening), line.last == UInt8(ascii: "}") else { return nil }
        var end = opening.count
        while end < line.count, line[end] != UInt8(ascii: "\"") {
            guard line[end] != UInt8(ascii: "\\") else { return nil }
            end += 1
        }
        let user = UnsafeRawBufferPointer(rebasing: line[opening.count..<end])
        var start = line.count - 1
        while start > end, isOfNumber(line[start - 1]) { start -= 1 }
        let number = UnsafeRawBufferPointer(rebasing: line[start..<line.count - 1])
        guard let hundredths = hundredths(number) else { return nil }
        let key = amount.rawValue
        let keyStart = start - key.utf8.count
        guard keyStart > end, line[keyStart..<start].elementsEqual(key.utf8) else { return nil }
        return (String(decoding: user, as: UTF8.self), hundredths)
    }

    private static func isOfNumber(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ".") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    /// `12`, `1.6` or `2.85` in hundredths, up to nine digits before the point; `nil` for all else.
    static func hundredths(_ number: UnsafeRawBufferPointer) -> Int? {
        var value = 0
        var wholeDigits = 0
        var index = 0
        while index < number.count, number[index] != UInt8(ascii: ".") {
            value = value * 10 + Int(number[index]) - Int(UInt8(ascii: "0"))
            wholeDigits += 1
            index += 1
        }
        guard (1...9).contains(wholeDigits) else { return nil }
        if index == number.count { return value * 100 }
        let part = number[(index + 1)...]
        guard part.count == 1 || part.count == 2 else { return nil }
        for byte in part {
            guard byte != UInt8(ascii: ".") else { return nil }
            value = value * 10 + Int(byte) - Int(UInt8(ascii: "0"))
        }
        return part.count == 1 ? value * 10 : value
    }

    private static func parsed(_ line: UnsafeRawBufferPointer, _ amount: Amount) -> (String, Int)? {
        let decoder = JSONDecoder()
        let fields: (user: String, amount: Double)?
        switch amount {
        case .reward: fields = (try? decoder.decode(Reward.self, from: Data(line))).map { ($0.user, $0.amount) }
        case .price: fields = (try? decoder.decode(Price.self, from: Data(line))).map { ($0.user, $0.amount) }
        }
        guard let fields else { return nil }
        let scaled = (fields.amount * 100).rounded()
        guard abs(scaled) < 1e15 else { return nil }
        return (fields.user, Int(scaled))
    }

    private struct Reward: Decodable {
        let user: String
        let amount: Double

        private enum CodingKeys: String, CodingKey {
            case user = "id_utente"
            case amount = "reward(tk)"
        }
    }

    private struct Price: Decodable {
        let user: String
        let amount: Double

        private enum CodingKeys: String, CodingKey {
            case user = "id_utente"
            case amount = "prezzo(tk)"
        }
    }
}
