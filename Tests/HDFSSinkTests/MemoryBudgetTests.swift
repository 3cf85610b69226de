import HDFSSink
import KafkaTopics
import Testing

@Suite struct MemoryBudgetTests {
    private let partitions = (0..<3).map { TopicPartition(topic: "t", partition: $0) }

    @Test func theLargestIsNamedWhileItIsTooMuch() {
        var budget = MemoryBudget(bytesMax: 100)
        budget.holds(60, partitions[0])
        budget.holds(40, partitions[1])
        #expect(budget.partitionToWrite == nil)
        budget.holds(1, partitions[2])
        #expect(budget.partitionToWrite == partitions[0])
        budget.holds(0, partitions[0])
        #expect(budget.partitionToWrite == nil)
        budget.holds(70, partitions[1])
        budget.holds(90, partitions[2])
        #expect(budget.partitionToWrite == partitions[2])
    }

    @Test func whatIsSaidLastHolds() {
        var budget = MemoryBudget(bytesMax: 10)
        for bytes in [11, 3, 10] { budget.holds(bytes, partitions[0]) }
        #expect(budget.partitionToWrite == nil)
        budget.holds(5, partitions[1])
        #expect(budget.partitionToWrite == partitions[0])
    }
}
