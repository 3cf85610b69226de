/// How many offsets of a range have no record, by reason.
package struct SkippedCounts: Hashable, Sendable {
    package var filtered: Int64 = 0
    package var deadLettered: Int64 = 0
    package var absent: Int64 = 0
    package var lost: Int64 = 0

    package init() {}

    package var total: Int64 { filtered + deadLettered + absent + lost }

    package mutating func add(_ count: Int64, _ reason: SkippedOffsets.Reason) {
        switch reason {
        case .filtered: filtered += count
        case .deadLettered: deadLettered += count
        case .absent: absent += count
        case .lost: lost += count
        }
    }

    package static func += (left: inout SkippedCounts, right: SkippedCounts) {
        left.filtered += right.filtered
        left.deadLettered += right.deadLettered
        left.absent += right.absent
        left.lost += right.lost
    }
}
