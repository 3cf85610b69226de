/// Offsets of a partition for which a batch has no record, and why.
package struct SkippedOffsets: Hashable, Sendable {
    /// Why there is no record for an offset.
    package enum Reason: Hashable, Sendable, CaseIterable {
        /// A transform dropped the record on purpose.
        case filtered
        /// The record could not be converted or transformed and was set aside.
        case deadLettered
        /// Kafka holds no record at this offset: the mark of a transaction, an aborted one's record, a compacted one.
        case absent
        /// Retention removed the records before they were read.
        case lost
    }

    package let offsets: Range<Int64>
    package let reason: Reason

    package init(_ offsets: Range<Int64>, _ reason: Reason) {
        self.offsets = offsets
        self.reason = reason
    }
}

/// How many offsets of a range have no record, by reason.
package struct SkippedCounts: Hashable, Sendable, Codable {
    package var filtered: Int64
    package var deadLettered: Int64
    package var absent: Int64
    package var lost: Int64

    package init(filtered: Int64 = 0, deadLettered: Int64 = 0, absent: Int64 = 0, lost: Int64 = 0) {
        self.filtered = filtered
        self.deadLettered = deadLettered
        self.absent = absent
        self.lost = lost
    }

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
