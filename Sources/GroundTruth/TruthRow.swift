import Community
import PlainText

/// A row of a list of the ground truth: a JSON array on a line of its own.
///
///     ["comportamenti", "2021-03-24T11", 120, 0, 1, 2, 24500]    topic, hour (UTC), and of its records: those with a
///                                                                value, without, with a broken one, unusable lines, sum
///     ["HE_1", 5, 930, 1, 500]                                   id, rewards, their sum, prizes, their sum
///     ["HE_1", 5, 930, 1, 500, 2]                                the same with the number of the persona
///
/// Sums are in hundredths of a token.
struct TruthRow {
    let texts: [String]
    let numbers: [Int]

    /// Reads a row, with or without a comma behind it: first texts, then whole numbers from 0.
    init?(line: ArraySlice<UInt8>, texts textCount: Int) {
        var rest = line
        if rest.last == UInt8(ascii: ",") { rest.removeLast() }
        guard rest.first == UInt8(ascii: "["), rest.last == UInt8(ascii: "]") else { return nil }
        var texts: [String] = []
        var numbers: [Int] = []
        for (index, part) in rest.dropFirst().dropLast().split(separator: UInt8(ascii: ",")).enumerated() {
            guard index == 0 || part.first == UInt8(ascii: " ") else { return nil }
            let field = index == 0 ? part : part.dropFirst()
            if index < textCount {
                guard field.count >= 2, field.first == UInt8(ascii: "\""), field.last == UInt8(ascii: "\"") else {
                    return nil
                }
                texts.append(String(decoding: field.dropFirst().dropLast(), as: UTF8.self))
            } else {
                guard let number = Int(String(decoding: field, as: UTF8.self)), number >= 0 else { return nil }
                numbers.append(number)
            }
        }
        guard texts.count == textCount else { return nil }
        self.texts = texts
        self.numbers = numbers
    }
}

// What is written needs no escaping: texts are names of topics, hours and ids of users.

extension UserTruth {
    /// The user's row.
    package var row: String {
        let numbers = "\(sums.earnedCount), \(sums.earnedHundredths), \(sums.spentCount), \(sums.spentHundredths)"
        return "[\"\(id)\", \(numbers)\(persona.map { ", \($0)" } ?? "")]"
    }

    init?(line: ArraySlice<UInt8>) {
        guard let row = TruthRow(line: line, texts: 1), [4, 5].contains(row.numbers.count) else { return nil }
        var sums = TokenSums()
        sums.earnedCount = row.numbers[0]
        sums.earnedHundredths = row.numbers[1]
        sums.spentCount = row.numbers[2]
        sums.spentHundredths = row.numbers[3]
        self.init(id: row.texts[0], sums: sums, persona: row.numbers.count == 5 ? row.numbers[4] : nil)
    }
}

extension HourTruth {
    /// The hour as text: `2021-03-24T11`, in UTC.
    package var hourText: String {
        let (day, hour) = Self.parts(hour)
        return "\(CalendarDate(dayNumber: day))T\(hour < 10 ? "0" : "")\(hour)"
    }

    private static func parts(_ hour: Int32) -> (day: Int, hour: Int) {
        let day = Int((Double(hour) / 24).rounded(.down))
        return (day, Int(hour) - day * 24)
    }

    /// The hour's row.
    package var row: String {
        let counts = "\(acknowledged.valueCount), \(acknowledged.tombstoneCount), \(acknowledged.brokenCount)"
        let rest = "\(acknowledged.unusableCount), \(acknowledged.hundredths)"
        return "[\"\(topic.name)\", \"\(hourText)\", \(counts), \(rest)]"
    }

    init?(line: ArraySlice<UInt8>) {
        guard let row = TruthRow(line: line, texts: 2), row.numbers.count == 5,
            let topic = CommunityTopic(rawValue: row.texts[0]), let hour = Self.hour(row.texts[1])
        else { return nil }
        var totals = RecordTotals()
        totals.valueCount = row.numbers[0]
        totals.tombstoneCount = row.numbers[1]
        totals.brokenCount = row.numbers[2]
        totals.unusableCount = row.numbers[3]
        totals.hundredths = row.numbers[4]
        self.init(topic: topic, hour: hour, acknowledged: totals)
    }

    private static func hour(_ text: String) -> Int32? {
        let parts = text.split(separator: "T", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].utf8.count == 2, let day = CalendarDate(String(parts[0])),
            let hour = Int32(parts[1]), (0..<24).contains(hour)
        else { return nil }
        return Int32(day.dayNumber) * 24 + hour
    }
}
