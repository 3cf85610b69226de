import ConnectAPI
package import KafkaTopics

/// A record that was set aside, unconverted, and why.
package struct DeadLetter: Hashable, Sendable {
    package let partition: TopicPartition
    package let offset: Int64
    package let timestamp: Timestamp
    package let key: [UInt8]?
    package let value: [UInt8]?
    package let headers: [RecordHeader]
    package let stage: ErrorStage
    package let message: String

    init(_ failure: RecordFailure, of records: SinkRecords, stage: ErrorStage) {
        let index = failure.index
        partition = records.partition
        offset = records.offsets[index]
        let received = records.received(at: index)
        timestamp = received.timestamp
        key = received.key
        value = received.value
        headers = received.headers
        self.stage = stage
        message = failure.message
    }

    /// The headers of the record, followed by Connect's about the error (KIP-298).
    package func headers(connector: String, task: Int) -> [RecordHeader] {
        headers + [
            Self.header("topic", partition.topic),
            Self.header("partition", String(partition.partition)),
            Self.header("offset", String(offset)),
            Self.header("connector.name", connector),
            Self.header("task.id", String(task)),
            Self.header("stage", stage.rawValue),
            Self.header("class.name", stage.executingClass),
            Self.header("exception.class.name", "org.apache.kafka.connect.errors.DataException"),
            Self.header("exception.message", message),
            RecordHeader(name: Self.headerPrefix + "exception.stacktrace", value: nil),
        ]
    }

    /// What the names of Connect's headers begin with.
    package static let headerPrefix = "__connect.errors."

    private static func header(_ name: String, _ value: String) -> RecordHeader {
        RecordHeader(name: headerPrefix + name, value: Array(value.utf8))
    }
}

/// Where on its way from the topic to the sink a record failed; the names are those of Connect's headers.
package enum ErrorStage: String, Hashable, Sendable, Codable {
    case valueConverter = "VALUE_CONVERTER"
    case transformation = "TRANSFORMATION"

    /// The class that Connect names for this stage.
    var executingClass: String {
        switch self {
        case .valueConverter: "org.apache.kafka.connect.json.JsonConverter"
        case .transformation: "org.apache.kafka.connect.runtime.TransformationChain"
        }
    }
}

/// What happens to a record that cannot be converted or transformed; decided by the stage, in this one place.
///
/// Errors of the sink (`SinkTaskError`) are never tolerated: a record that could not be written is written again, or the
/// task ends. Only a record that is itself wrong can be set aside.
package enum ErrorTolerance: String, Hashable, Sendable, CaseIterable {
    /// The task ends at the first such record, which stays in the topic.
    case none
    /// The record is set aside in the dead letter queue.
    case all
}
