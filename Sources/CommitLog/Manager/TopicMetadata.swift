package import KafkaProtocol
package import KafkaTopics

/// A topic of a ``LogManager``.
package struct TopicMetadata: Codable, Hashable, Sendable {
    package let name: String
    /// Tells this topic from another one that had or will have its name.
    package let id: KafkaUUID
    /// How many partitions it has, numbered from 0.
    package let partitionCount: Int32
    /// Settings that were chosen for it, by Kafka's names; see ``LogConfiguration/applying(_:)``.
    package internal(set) var overrides: [String: String]

    init(name: String, id: KafkaUUID = .random(), partitionCount: Int32, overrides: [String: String]) {
        self.name = name
        self.id = id
        self.partitionCount = partitionCount
        self.overrides = overrides
    }

    /// Topics of format 1 have no id: they get one now.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        name = try container.decode(String.self, forKey: .name)
        id = try container.decodeIfPresent(KafkaUUID.self, forKey: .id) ?? .random()
        partitionCount = try container.decode(Int32.self, forKey: .partitionCount)
        overrides = try container.decode([String: String].self, forKey: .overrides)
    }

    /// Its partitions, in order.
    package var partitions: [TopicPartition] {
        (0..<partitionCount).map { TopicPartition(topic: name, partition: $0) }
    }
}
