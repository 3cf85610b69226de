package import KafkaProtocol

/// The topics that exist at one moment, as groups see them.
package struct TopicView: Sendable {
    /// A topic, as far as groups divide it among members.
    package struct Topic: Sendable, Hashable {
        package let id: KafkaUUID
        package let partitionCount: Int32

        package init(id: KafkaUUID, partitionCount: Int32) {
            self.id = id
            self.partitionCount = partitionCount
        }
    }

    /// Greater than that of an earlier moment if topics have changed since.
    package let change: UInt64
    /// By name.
    package let topics: [String: Topic]

    package init(change: UInt64, topics: [String: Topic]) {
        self.change = change
        self.topics = topics
    }
}
