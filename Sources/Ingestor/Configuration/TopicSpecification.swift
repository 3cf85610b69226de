import KafkaTopics

/// A topic that shall exist when the ingestor serves.
package struct TopicSpecification: Sendable, Equatable {
    package var name: String
    /// How many partitions; `nil` for the default.
    package var partitionCount: Int32?
    /// Settings by Kafka's names (`retention.ms` and so on).
    package var settings: [String: String]

    package init(name: String, partitionCount: Int32? = nil, settings: [String: String] = [:]) {
        self.name = name
        self.partitionCount = partitionCount
        self.settings = settings
    }

    /// Why no topic can have this name, in words for a person; `nil` where one can.
    package var nameProblem: String? { TopicName.problem(with: name) }

    /// The topics of the rewards community: two partitions each, kept as the ingestor keeps any topic.
    package static let community = ["utenti", "comportamenti", "premi"].map { name in
        TopicSpecification(name: name, partitionCount: 2)
    }
}
