package import KafkaTopics

/// A partition that is handed to a task, with what the task cannot know itself.
package struct SinkPartition: Hashable, Sendable {
    package let id: TopicPartition

    /// How long the topic keeps its records, in milliseconds; `nil` where that is unlimited or not known.
    /// A task files records well before this has passed.
    package let retentionMilliseconds: Int64?

    /// The topic's id, which a topic made again under the same name does not have; `nil` where the broker does not tell.
    package let topicID: String?

    package init(_ id: TopicPartition, retentionMilliseconds: Int64? = nil, topicID: String? = nil) {
        self.id = id
        self.retentionMilliseconds = retentionMilliseconds
        self.topicID = topicID
    }
}
