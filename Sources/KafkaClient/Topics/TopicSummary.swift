/// A topic in one line.
package struct TopicSummary: Hashable, Sendable, Codable {
    package let name: String
    /// How many partitions it has.
    package let partitions: Int
    /// How many offsets lie between the oldest record and the end: as many records, unless compaction or transactions
    /// left holes.
    package let records: Int64
}
