package import Community

/// Counts and the sum of a set of records of one topic.
package struct RecordTotals: Equatable, Codable, Sendable {
    /// Records with a value.
    package var valueCount = 0
    /// Records without: tombstones.
    package var tombstoneCount = 0
    /// Sum of `reward(tk)` or `prezzo(tk)`, in hundredths of a token; 0 in `utenti`.
    package var hundredths = 0

    package init() {}

    /// All records.
    package var count: Int { valueCount + tombstoneCount }

    /// Adds one record.
    package mutating func add(_ effect: EventEffect) {
        if effect.isTombstone {
            tombstoneCount += 1
        } else {
            valueCount += 1
            hundredths += Int(effect.earnedHundredths) + Int(effect.spentHundredths)
        }
    }

    package static func += (left: inout RecordTotals, right: RecordTotals) {
        left.valueCount += right.valueCount
        left.tombstoneCount += right.tombstoneCount
        left.hundredths += right.hundredths
    }

    package static func -= (left: inout RecordTotals, right: RecordTotals) {
        left.valueCount -= right.valueCount
        left.tombstoneCount -= right.tombstoneCount
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
