package import KafkaTopics

/// Where a sink begins a partition that it took over, and by what the runtime knows that Kafka still holds the log whose
/// offsets these are.
package struct SinkStart: Hashable, Sendable {
    /// The offset behind the last one that is durable; `nil`: the sink knows none, so the group's committed offset
    /// counts, or else `auto.offset.reset`.
    package let next: Int64?

    /// The last record that the sink explains, which lies before `next`; `nil` where the sink does not know it.
    package let fingerprint: RecordFingerprint?

    /// The id of the topic that the offsets belong to; `nil` where the sink does not know it.
    package let topicID: String?

    package init(next: Int64?, fingerprint: RecordFingerprint? = nil, topicID: String? = nil) {
        self.next = next
        self.fingerprint = fingerprint
        self.topicID = topicID
    }
}
