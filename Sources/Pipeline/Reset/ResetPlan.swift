import CommitLedger
import KafkaClient
import KafkaTopics
import PlainText
import Storage

/// What `hera reset` is to empty.
package struct ResetScope: Hashable, Sendable {
    /// A part that can be emptied alone.
    package enum Part: String, CaseIterable, Sendable {
        /// The records that Kafka holds.
        case topics
        /// The raw and the clean zone.
        case files
        /// The sink's place, and the records of how it came there.
        case commits
    }

    /// Where the sink goes on.
    enum Place: Hashable, Sendable {
        /// Behind all that the topic holds now.
        case end
        /// At the oldest record that the topic holds.
        case start
        /// Where it stands.
        case unchanged
    }

    package var parts: Set<Part>
    /// The topics; `nil` means those that the connector files, with its dead letter queue.
    package var topics: [String]?

    package init(_ parts: Set<Part> = Set(Part.allCases), topics: [String]? = nil) {
        self.parts = parts
        self.topics = topics
    }

    /// What is deleted from a topic is never filed, and what stays in the raw zone is never filed twice.
    var place: Place {
        if parts.contains(.topics) { return .end }
        guard parts.contains(.commits) else { return .unchanged }
        return parts.contains(.files) ? .start : .end
    }
}

/// What a reset does, before it is done.
package struct ResetPlan: Sendable {
    /// One topic of it.
    package struct Topic: Hashable, Sendable, Encodable {
        package let topic: String
        /// Records that are deleted from Kafka.
        package internal(set) var records: Int64 = 0
        /// Records that are in no file, and will never be filed.
        package internal(set) var unfiled: Int64 = 0
        package internal(set) var files = 0
        package internal(set) var bytes: Int64 = 0
        package internal(set) var cleanFiles = 0
        package internal(set) var cleanBytes: Int64 = 0
        /// Commit records that are deleted, those put aside included.
        package internal(set) var commitRecords = 0

        init(_ topic: String) {
            self.topic = topic
        }

        var isEmpty: Bool {
            records == 0 && unfiled == 0 && files == 0 && cleanFiles == 0 && commitRecords == 0
        }
    }

    /// A partition of which a connector gets another place, or gives files up.
    struct Decision: Hashable, Sendable {
        let connector: String
        let partition: TopicPartition
        /// The newest commit record that can be used; where another one is newest, a sink has run since.
        let known: CommitRecord?
        /// Damaged records behind it, which are set aside first, the newest first.
        let damaged: [Int64]
        /// What Kafka holds of the partition; `nil` where it is not there.
        let log: LogState?
        /// Whether a record is to be placed.
        let isDue: Bool
        /// What the connector's group is to have committed; `nil` where that stays as it is.
        let groupOffset: Int64?
    }

    package let scope: ResetScope
    package internal(set) var topics: [Topic] = []
    /// Files of the clean zone that belong to none of the topics.
    package internal(set) var otherCleanFiles = ZoneClearing.Content().files
    var decisions: [Decision] = []
    var deletions: [RecordDeletion] = []
    /// The directories of the clean zone that are deleted.
    var cleanDirectories: [StoragePath] = []
    /// The places where commit records lie, by connector and topic.
    var archives: [StoragePath] = []

    init(_ scope: ResetScope) {
        self.scope = scope
    }

    /// Whether nothing is to be done.
    package var isEmpty: Bool {
        topics.allSatisfy(\.isEmpty) && otherCleanFiles == 0
            && !decisions.contains { $0.isDue || $0.groupOffset != nil || !$0.damaged.isEmpty }
    }

    /// The plan in lines to show.
    package var text: String {
        let hasClean = otherCleanFiles > 0 || topics.contains { $0.cleanFiles > 0 }
        let table = TextTable(
            ["topic", "records", "not filed", "files", "bytes"] + (hasClean ? ["clean files"] : []) + [
                "commit records"
            ],
            topics.map { topic in
                [
                    topic.topic, NumberText.whole(topic.records), NumberText.whole(topic.unfiled),
                    NumberText.whole(topic.files), NumberText.bytes(Int(topic.bytes)),
                ] + (hasClean ? [NumberText.whole(topic.cleanFiles)] : []) + [NumberText.whole(topic.commitRecords)]
            }
        )
        let unfiled = topics.reduce(0) { $0 + $1.unfiled }
        var lines = ["This goes:", ""] + table.lines + [""]
        if otherCleanFiles > 0 {
            lines.append("\(NumberText.count(otherCleanFiles, "more file")) of the clean zone")
        }
        if unfiled > 0 {
            lines.append("\(NumberText.count(Int(unfiled), "record")) are in no file, and will never be filed")
        }
        lines.append(placeText)
        lines.append("topics and their settings stay, and so do the ground truth and reports")
        // Names of topics are from outside.
        return lines.map { PrintableText.escaping($0) }.joined(separator: "\n")
    }

    private var placeText: String {
        switch scope.place {
        case .end: "the sink goes on behind what the topics hold now"
        case .start: "the sink files anew all that the topics still hold"
        case .unchanged: "the sink goes on where it stands"
        }
    }
}

extension ResetPlan: Encodable {
    private enum CodingKeys: String, CodingKey { case topics, otherCleanFiles, parts }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(scope.parts.map(\.rawValue).sorted(), forKey: .parts)
        try fields.encode(topics, forKey: .topics)
        try fields.encode(otherCleanFiles, forKey: .otherCleanFiles)
    }
}

/// Why nothing was reset.
package struct ResetError: Error, Hashable, CustomStringConvertible {
    package let description: String

    package static func pipelineRuns(_ data: String) -> ResetError {
        ResetError(description: "the pipeline in \(data) runs: stop `hera up` first; nothing was changed")
    }

    static func sinkRuns(_ group: ConsumerGroupDescription) -> ResetError {
        ResetError(
            description: "a sink files these topics: its group '\(group.name)' is in use (\(group.state)); stop the "
                + "connector first; nothing was changed"
        )
    }

    static func unknownTopic(_ topic: String) -> ResetError {
        ResetError(
            description: "there is no topic '\(topic)', neither in Kafka nor in the raw zone; `hera topics list` shows "
                + "those of Kafka"
        )
    }

    static func internalTopic(_ topic: String) -> ResetError {
        ResetError(description: "'\(topic)' is a topic of Kafka's own; it is not emptied")
    }

    static func compacted(_ topic: String) -> ResetError {
        ResetError(
            description:
                "Kafka deletes no records of '\(topic)', whose cleanup.policy is compact alone: leave it out with "
                + "--topic, or have `hera topics alter \(topic) --config cleanup.policy=compact,delete` first"
        )
    }

    static func unusable(_ partition: TopicPartition, _ reason: String, cure: String) -> ResetError {
        ResetError(description: "\(partition): \(reason); \(cure)")
    }

    static func badTopic(_ problem: String) -> ResetError { ResetError(description: problem) }

    static func overlap(_ directory: StoragePath, _ place: StoragePath) -> ResetError {
        ResetError(
            description:
                "\(directory) would be deleted, and \(place) lies there, which has to stay; give sink.topics-dir "
                + "and sink.logs-dir other places, or reset without files: --only topics"
        )
    }

    static func moved(_ partition: TopicPartition) -> ResetError {
        ResetError(
            description:
                "a sink has filed \(partition) since the plan was made: stop it, and run `hera reset` again; what "
                + "was reset so far is in order"
        )
    }
}
