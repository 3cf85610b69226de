/// Where a partition begins for which neither the sink nor the group knows a place (`auto.offset.reset`).
package enum OffsetReset: String, Hashable, Sendable, CaseIterable {
    case earliest
    case latest
    /// It is an error, for a person to decide.
    case none
}
