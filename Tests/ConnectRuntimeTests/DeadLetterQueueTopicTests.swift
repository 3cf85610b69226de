import ConnectAPI
import ConnectRuntime
import KafkaClient
import KafkaTopics
import Testing

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
                throw KafkaClientError(.timedOut, "nobody answers", isRetriable: true)
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
