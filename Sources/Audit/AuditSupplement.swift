package import KafkaTopics

/// What knowledge of the records adds to an audit: the audit itself knows offsets, files and commit records, for any
/// connector and topic.
package protocol AuditSupplement: Sendable {
    /// What gathers something from the lines of one file; `nil` where nothing is to be gathered.
    func tally(of file: FileOrigin) -> (any LineTally)?

    /// Weighs what was gathered against what is known.
    ///
    /// - Parameters:
    ///   - tallies: one for each partition that has any.
    ///   - partitions: what the audit found.
    ///   - topicIDs: the ids of the topics, where the broker tells them.
    func findings(
        _ tallies: [any LineTally],
        _ partitions: [PartitionReport],
        topicIDs: [String: String]
    ) throws -> AuditFindings
}

/// What is known of a file before it is read.
package struct FileOrigin: Hashable, Sendable {
    package let partition: TopicPartition
    /// Hours since 1970-01-01T00:00Z, where all records of the file lie in one by their timestamps, as its commit record
    /// says; `nil` where they do not, or the commit record is gone.
    package let hour: Int32?

    package init(_ partition: TopicPartition, hour: Int32? = nil) {
        self.partition = partition
        self.hour = hour
    }
}

/// Gathers something from the lines of files.
package protocol LineTally: Sendable {
    mutating func add(_ line: UnsafeRawBufferPointer)

    /// Adds what a tally of the same supplement and topic gathered.
    mutating func merge(_ other: any LineTally)
}

/// What a supplement found.
package struct AuditFindings: Sendable {
    package var truth: [TopicTruthReport] = []
    package var troubles: [AuditTrouble] = []
    package var notes: [AuditNote] = []

    package init() {}
}
