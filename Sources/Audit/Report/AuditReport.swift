/// The outcome of an audit.
package struct AuditReport: Hashable, Sendable, Codable {
    /// Whether everything that was produced is accounted for, once.
    package var holds: Bool
    /// By topic and partition.
    package var partitions: [PartitionReport]
    /// By topic; empty without the source's ground truth.
    package var truth: [TopicTruthReport]
    package var troubles: [AuditTrouble]
    package var notes: [AuditNote]

    package init(
        partitions: [PartitionReport],
        truth: [TopicTruthReport],
        troubles: [AuditTrouble],
        notes: [AuditNote]
    ) {
        holds = troubles.isEmpty
        self.partitions = partitions
        self.truth = truth
        self.troubles = troubles
        self.notes = notes
    }
}
