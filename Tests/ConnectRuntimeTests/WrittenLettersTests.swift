import ConnectAPI
import KafkaTopics
import PipelineTesting
import Testing

@testable import ConnectRuntime

@Suite struct WrittenLettersTests {
    private let written = WrittenLetters()
    private static let partition = TopicPartition(topic: "utenti", partition: 0)

    @Test func lettersOfABatchThatIsTriedAgainAreNotWrittenAgain() {
        let all = letters([7, 3, 5])
        #expect(written.missing(of: all).map(\.offset) == [3, 5, 7])
        written.wrote(all: written.missing(of: all))
        #expect(written.missing(of: all).isEmpty)
        #expect(written.missing(of: letters([5, 7, 8])).map(\.offset) == [8])
    }

    @Test func afterAFailureOnlyWhatIsMissingIsWritten() {
        written.wrote(all: letters([1, 2]))
        written.wrote(some: letters([4, 6]))
        #expect(written.missing(of: letters([1, 2, 3, 4, 5, 6])).map(\.offset) == [3, 5])
        written.wrote(all: letters([3, 5, 7]))
        #expect(written.missing(of: letters([3, 6, 7, 8])).map(\.offset) == [8])
    }

    @Test func lettersOfAnotherLogAreOtherLetters() {
        written.wrote(all: letters([1, 2]))
        written.forget(Self.partition)
        #expect(written.missing(of: letters([1, 2])).count == 2)
    }

    private func letters(_ offsets: [Int64]) -> [DeadLetter] {
        offsets.map { offset in
            let records = SinkRecords.batch(["nonsense"], of: Self.partition, firstOffset: offset)
            return DeadLetter(RecordFailure(index: 0, message: "bad"), of: records, stage: .valueConverter)
        }
    }
}
