/// What a run knows of one topic.
package struct TopicTruth: Equatable, Codable, Sendable {
    /// The topic's name.
    package let topic: String
    /// Which of the topics that have had this name: its id, where the broker tells it. A topic that was deleted and made
    /// again has another one, and nothing of what this says.
    package var topicID: String?
    /// Records that the broker acknowledged: they are in the topic, each once.
    package var acknowledged = RecordTotals()
    /// Records of which nobody knows whether they are in the topic: the connection broke or the time ran out before
    /// the answer.
    package var unresolved = RecordTotals()
    /// Records that are not in the topic: the broker refused them, or they never left.
    package var rejected = RecordTotals()
    /// Acknowledged records by partition, beginning with partition 0. They sum to ``acknowledged``.
    package var acknowledgedByPartition: [Int] = []

    package init(topic: String) {
        self.topic = topic
    }

    /// Whether this is about the topic that has this id now; where either is unknown, it is taken to be.
    package func isAbout(topicWithID id: String?) -> Bool {
        topicID == nil || id == nil || topicID == id
    }
}
