/// What the audit of a topic's partitions found, for the comparison with what the source knows.
package struct TopicEvidence: Hashable, Sendable {
    package var topic: String
    /// How many records each partition gave, beginning with partition 0: its offsets without those that have no record.
    package var producedByPartition: [Int64]
    /// How many offsets of each partition have no record.
    package var absentByPartition: [Int64]
    /// How many of these records each partition gave before its log was replaced.
    package var replacedByPartition: [Int64]
    package var filed: Int64
    package var filtered: Int64
    /// Whether all that was produced is filed or filtered: nothing in flight, set aside, lost, or before the beginning.
    package var isComplete: Bool
    /// The topic's id; `nil` where the broker does not tell it.
    package var topicID: String?
    /// Whether a person accepted that the topic's log replaces an earlier one.
    package var isReplaced: Bool
    /// Sum of the amounts in the files, in hundredths of a token.
    package var hundredths: Int64 = 0

    package init(topic: String, reports: [PartitionReport]) {
        let own = reports.filter { $0.topic == topic }.sorted { $0.partition < $1.partition }
        self.topic = topic
        let count = own.last.map { Int($0.partition) + 1 } ?? 0
        producedByPartition = Array(repeating: 0, count: count)
        absentByPartition = producedByPartition
        replacedByPartition = producedByPartition
        for report in own {
            producedByPartition[Int(report.partition)] = report.produced - report.absent + report.replaced
            absentByPartition[Int(report.partition)] = report.absent
            replacedByPartition[Int(report.partition)] = report.replaced
        }
        filed = own.reduce(0) { $0 + $1.filed + $1.filedEarlier }
        filtered = own.reduce(0) { $0 + $1.filtered }
        isReplaced = own.contains { $0.lineage > 1 }
        isComplete = own.allSatisfy { $0.filed + $0.filtered + $0.absent == $0.produced }
    }

    package var produced: Int64 { producedByPartition.reduce(0, +) }
}
