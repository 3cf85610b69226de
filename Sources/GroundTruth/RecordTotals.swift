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
