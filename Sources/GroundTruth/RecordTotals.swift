package import Community

/// Counts and the sum of a set of records of one topic, by what the pipeline makes of them.
package struct RecordTotals: Equatable, Codable, Sendable {
    /// Records with a value that is JSON: they are filed.
    package var valueCount = 0
    /// Records without: a null value, or the text `null`. They are filtered.
    package var tombstoneCount = 0
    /// Records whose value is no JSON: they become dead letters.
    package var brokenCount = 0
    /// Of ``valueCount``: lines that say nothing, since they name no user or are an event without an amount.
    package var unusableCount = 0
    /// Sum of `reward(tk)` or `prezzo(tk)`, in hundredths of a token; 0 in `utenti`.
    package var hundredths = 0

    package init() {}

    /// Versions 1 and 2 of the ground truth know no bad records.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        valueCount = try container.decode(Int.self, forKey: .valueCount)
        tombstoneCount = try container.decode(Int.self, forKey: .tombstoneCount)
        brokenCount = try container.decodeIfPresent(Int.self, forKey: .brokenCount) ?? 0
        unusableCount = try container.decodeIfPresent(Int.self, forKey: .unusableCount) ?? 0
        hundredths = try container.decode(Int.self, forKey: .hundredths)
    }

    /// All records.
    package var count: Int { valueCount + tombstoneCount + brokenCount }

    /// Whether there is no record.
    package var isZero: Bool { self == RecordTotals() }

    /// Adds one record.
    package mutating func add(_ effect: EventEffect) { add(effect, times: 1) }

    /// Takes one record away that was added.
    mutating func remove(_ effect: EventEffect) { add(effect, times: -1) }

    private mutating func add(_ effect: EventEffect, times: Int) {
        switch effect.form {
        case .withoutValue: tombstoneCount += times
        case .broken: brokenCount += times
        case .user, .behaviour, .prize:
            valueCount += times
            hundredths += times * Int(effect.hundredths)
            if effect.isUnusable { unusableCount += times }
        }
    }

    package static func += (left: inout RecordTotals, right: RecordTotals) {
        left.valueCount += right.valueCount
        left.tombstoneCount += right.tombstoneCount
        left.brokenCount += right.brokenCount
        left.unusableCount += right.unusableCount
        left.hundredths += right.hundredths
    }

    package static func -= (left: inout RecordTotals, right: RecordTotals) {
        left.valueCount -= right.valueCount
        left.tombstoneCount -= right.tombstoneCount
        left.brokenCount -= right.brokenCount
        left.unusableCount -= right.unusableCount
        left.hundredths -= right.hundredths
    }
}

/// How many rewards and prizes records speak of, and their exact sums in hundredths of a token.
package struct TokenSums: Equatable, Sendable {
    /// Records of `comportamenti`.
    package var earnedCount = 0
    /// Sum of their `reward(tk)`.
    package var earnedHundredths = 0
    /// Records of `premi`.
    package var spentCount = 0
    /// Sum of their `prezzo(tk)`.
    package var spentHundredths = 0

    package init() {}

    /// The sums of an account.
    init(_ account: Account) {
        earnedCount = Int(account.earnedCount)
        earnedHundredths = Int(account.earnedHundredths)
        spentCount = Int(account.spentCount)
        spentHundredths = Int(account.spentHundredths)
    }

    /// Whether there is no record.
    package var isZero: Bool { earnedCount == 0 && spentCount == 0 }

    /// Adds one record.
    package mutating func add(_ effect: EventEffect) {
        if effect.earnedHundredths > 0 {
            earnedCount += 1
            earnedHundredths += Int(effect.earnedHundredths)
        }
        if effect.spentHundredths > 0 {
            spentCount += 1
            spentHundredths += Int(effect.spentHundredths)
        }
    }

    package static func += (left: inout TokenSums, right: TokenSums) {
        left.earnedCount += right.earnedCount
        left.earnedHundredths += right.earnedHundredths
        left.spentCount += right.spentCount
        left.spentHundredths += right.spentHundredths
    }

    package static func -= (left: inout TokenSums, right: TokenSums) {
        left.earnedCount -= right.earnedCount
        left.earnedHundredths -= right.earnedHundredths
        left.spentCount -= right.spentCount
        left.spentHundredths -= right.spentHundredths
    }
}
