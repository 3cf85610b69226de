import FoundationEssentials
package import KafkaTopics

/// A topic of a ``LogManager``.
package struct TopicMetadata: Codable, Hashable, Sendable {
    package let name: String
    /// Tells this topic from another one that had or will have its name: a UUID in Kafka's form, 22 letters.
    package let id: String
    /// How many partitions it has, numbered from 0.
    package let partitionCount: Int32
    /// Settings that were chosen for it, by Kafka's names; see ``LogConfiguration/applying(_:)``.
    package internal(set) var overrides: [String: String]

    init(name: String, id: String = TopicMetadata.newID(), partitionCount: Int32, overrides: [String: String]) {
        self.name = name
        self.id = id
        self.partitionCount = partitionCount
        self.overrides = overrides
    }

    /// Topics of format 1 have no id: they get one now.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        name = try container.decode(String.self, forKey: .name)
        id = try container.decodeIfPresent(String.self, forKey: .id) ?? Self.newID()
        partitionCount = try container.decode(Int32.self, forKey: .partitionCount)
        overrides = try container.decode([String: String].self, forKey: .overrides)
    }

    /// Its partitions, in order.
    package var partitions: [TopicPartition] {
        (0..<partitionCount).map { TopicPartition(topic: name, partition: $0) }
    }

    /// A random UUID as Kafka writes it: base64 for URLs, without padding, and never with a dash in front, which
    /// command lines would take for an option.
    static func newID() -> String {
        while true {
            let id = withUnsafeBytes(of: UUID().uuid) { Data($0) }.base64EncodedString()
                .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
            if !id.hasPrefix("-") { return id }
        }
    }
}
