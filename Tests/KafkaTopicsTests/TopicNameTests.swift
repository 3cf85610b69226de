import KafkaTopics
import Testing

@Suite struct TopicNameTests {
    @Test(arguments: ["utenti", "a", "dlq_hdfs-sink", "A.b-C_9", String(repeating: "x", count: 249)])
    func legalNamesPass(name: String) {
        #expect(TopicName.problem(with: name) == nil)
    }

    @Test(arguments: ["", ".", "..", "a/b", "a b", "è", "a\0b", String(repeating: "x", count: 250)])
    func illegalNamesAreExplained(name: String) {
        #expect(TopicName.problem(with: name) != nil)
    }

    @Test func partitionsSortByTopicThenNumber() {
        let shuffled = [
            TopicPartition(topic: "b", partition: 0), TopicPartition(topic: "a", partition: 10),
            TopicPartition(topic: "a", partition: 2),
        ]
        #expect(shuffled.sorted().map(\.description) == ["a-2", "a-10", "b-0"])
    }
}
