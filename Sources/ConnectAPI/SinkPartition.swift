package import KafkaTopics

/// A partition that is handed to a task, with what the task cannot know itself.
package struct SinkPartition: Hashable, Sendable {
    package let id: TopicPartition

    /// How long the topic keeps its records, in milliseconds; `nil` where that is unlimited or not known.
    /// A task files records well before this has passed.
    package let retentionMilliseconds: Int64?

    package init(_ id: TopicPartition, retentionMilliseconds: Int64? = nil) {
        self.id = id
        self.retentionMilliseconds = retentionMilliseconds
    }
}
