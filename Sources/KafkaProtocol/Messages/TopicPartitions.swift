/// What a message says of a topic's partitions, by the topic's name: numbers, questions, offsets or outcomes.
package struct TopicPartitions<Partition: WireFields>: WireFields {
    /// The name of the topic.
    package var name = ""
    /// One for each partition that the message is about.
    package var partitions: [Partition] = []

    package init() {}

    package init(name: String, partitions: [Partition] = []) {
        self.name = name
        self.partitions = partitions
    }

    package mutating func code<Coder: WireCoder>(_ coder: inout Coder) throws(Coder.Failure) {
        try coder.string(&name)
        try coder.array(&partitions)
        try coder.taggedFields()
    }
}
