/// The outcome of an audit.
package struct AuditReport: Hashable, Sendable, Codable {
    /// Whether everything that was produced is accounted for, once.
    package var holds: Bool
    /// By topic and partition.
    package var partitions: [PartitionReport]
    /// By topic; empty without the source's ground truth: then what the source sent is not judged.
    package var truth: [TopicTruthReport]
    /// Why records were set aside, the most frequent cause first.
    package var deadLetters: [DeadLetterCause] = []
    /// Topics that exist and that the connector does not file, by name.
    package var unfiledTopics: [UnfiledTopic] = []
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

/// One reason for which records were set aside.
package struct DeadLetterCause: Hashable, Sendable, Codable {
    /// Where on its way a record failed, as Connect's headers name it; empty where they do not say.
    package var stage: String
    /// The exception's class, as Connect's headers name it; empty where they do not say.
    package var exception: String
    package var message: String
    /// How many records, each counted once, however often it is in the queue.
    package var records: Int64

    package init(stage: String, exception: String, message: String, records: Int64) {
        self.stage = stage
        self.exception = exception
        self.message = message
        self.records = records
    }
}

/// A topic that no sink files.
package struct UnfiledTopic: Hashable, Sendable, Codable {
    package var topic: String
    /// How many offsets it has given that are still there; `nil` where it was not asked for.
    package var records: Int64?

    package init(topic: String, records: Int64?) {
        self.topic = topic
        self.records = records
    }
}

/// Something that is worth knowing and no error: foreign records, records lost to retention, work under way.
package struct AuditNote: Hashable, Sendable, Codable {
    package var topic: String?
    package var partition: Int32?
    package var text: String

    package init(topic: String? = nil, partition: Int32? = nil, _ text: String) {
        self.topic = topic
        self.partition = partition
        self.text = text
    }
}
