import ConnectAPI
import KafkaClient
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

/// How the topic of the dead letter queue is made.
@Suite struct DeadLetterQueueTopicTests {
    private let refused = KafkaClientError(.badRequest, "the cluster's topics take 10 MiB")

    @Test func clusterThatRefusesTheRoomMakesATopicOfItsOwnKind() async throws {
        var asked: [[String: String]] = []
        let refusal = try await queue().makeTopic { topic throws(KafkaClientError) in
            asked.append(topic.configs)
            if !topic.configs.isEmpty { throw refused }
        }
        #expect(asked == [["max.message.bytes": "15728640"], [:]])
        #expect(refusal == refused)
    }

    @Test(arguments: [false, true])
    func topicThatIsThereIsNotAskedForTwice(before: Bool) async throws {
        var count = 0
        let refusal = try await queue().makeTopic { topic throws(KafkaClientError) in
            count += 1
            if before { throw KafkaClientError(.alreadyExists, "it is there") }
        }
        #expect(count == 1)
        #expect(refusal == nil)
    }

    @Test func whereTimeHelpsTheRoomIsNotGivenUp() async throws {
        var count = 0
        let error = await #expect(throws: KafkaClientError.self) {
            try await queue().makeTopic { topic throws(KafkaClientError) in
                count += 1
                throw KafkaClientError(.timedOut, "no answer", isRetriable: true)
            }
        }
        #expect(error?.code == .timedOut)
        #expect(count == 1)
    }

    @Test func topicThatMayNotBeMadeAtAllIsAnError() async throws {
        await #expect(throws: refused) {
            try await queue().makeTopic { topic throws(KafkaClientError) in throw refused }
        }
    }

    private func queue() throws -> DeadLetterQueueSettings {
        let configuration = [
            "name": "recorder", "connector.class": "RecordingConnector", "topics": "premi",
            "errors.tolerance": "all", "errors.deadletterqueue.topic.name": "dlq",
        ]
        let connector = RecordingConnector(store: RecordingStore())
        let runner = try SinkTaskRunnerConfiguration(
            configuration,
            connector: connector,
            plugins: .builtIn,
            bootstrap: []
        ) {
            Moment(wall: .unknown, monotonic: MonotonicTime(milliseconds: 0))
        }
        return try #require(runner.settings.deadLetterQueue)
    }
}
