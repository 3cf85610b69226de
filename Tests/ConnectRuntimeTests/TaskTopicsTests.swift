import ConnectAPI
import KafkaClient
import KafkaTopics
import Synchronization
import Testing

@testable import ConnectRuntime

/// Which questions about topics a runner asks, and for how long an answer holds.
@Suite(.timeLimit(.minutes(15))) struct TaskTopicsTests {
    private static let users = [0, 1].map { TopicPartition(topic: "utenti", partition: $0) }
    private static let rewards = TopicPartition(topic: "premi", partition: 0)
    private static let silence = KafkaClientError(.timedOut, "no answer", isRetriable: true)

    /// A cluster whose topics change between two questions.
    private final class Cluster: Sendable {
        struct State {
            var facts = ["utenti": TopicFacts(id: "u1"), "premi": TopicFacts(retentionMilliseconds: 5, id: "p1")]
            var questions: [Set<String>] = []
            var isSilent = false
        }

        let state = Mutex(State())

        func change(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }

        var questions: [Set<String>] { state.withLock { $0.questions } }

        var topics: TaskTopics {
            TaskTopics { [self] names throws(KafkaClientError) in
                try state.withLock { state throws(KafkaClientError) in
                    state.questions.append(names)
                    if state.isSilent { throw silence }
                    return state.facts.filter { names.contains($0.key) }
                }
            }
        }
    }

    private let cluster = Cluster()

    private func openedTopics() async throws -> TaskTopics {
        let topics = cluster.topics
        let opened = try await topics.open(Self.users + [Self.rewards])
        #expect(opened.map(\.topicID) == ["u1", "u1", "p1"])
        #expect(opened.map(\.retentionMilliseconds) == [nil, nil, 5])
        cluster.change { $0.questions = [] }
        return topics
    }

    @Test func oneQuestionIsAboutAllTopicsThatWereRead() async throws {
        let topics = try await openedTopics()
        for partition in Self.users + [Self.rewards] { topics.read(partition) }
        #expect(try await topics.topicID(of: "premi") == "p1")
        #expect(try await topics.topicID(of: "utenti") == "u1")
        try await topics.ask()
        #expect(cluster.questions == [["utenti", "premi"]])
    }

    @Test func anAnswerHoldsUntilMoreOfItsTopicIsRead() async throws {
        let topics = try await openedTopics()
        topics.read(Self.users[0])
        topics.read(Self.rewards)
        try await topics.ask()
        cluster.change { $0.facts = ["utenti": TopicFacts(id: "u2")] }
        #expect(try await topics.topicID(of: "utenti") == "u1")
        topics.read(Self.users[1])
        topics.roundBegan()
        #expect(try await topics.topicID(of: "utenti") == "u2", "an answer from before the record was read")
        #expect(try await topics.topicID(of: "premi") == "p1")
        topics.read(Self.rewards)
        #expect(try await topics.topicID(of: "premi") == nil, "the topic is gone")
        #expect(cluster.questions == [["utenti", "premi"], ["utenti"], ["premi"]])
    }

    /// A broker that lags behind, or that no longer permits the question.
    @Test func aTopicThatIsThereWithoutAnIDIsNoAnswer() async throws {
        let topics = try await openedTopics()
        topics.read(Self.rewards)
        cluster.change { $0.facts["premi"] = TopicFacts() }
        await #expect(throws: SinkTaskError.self) { try await topics.topicID(of: "premi") }
        topics.roundBegan()
        cluster.change { $0.facts["premi"] = TopicFacts(id: "p2") }
        #expect(try await topics.topicID(of: "premi") == "p2")
    }

    @Test func openingOnePartitionLeavesTheAnswersOfItsSiblings() async throws {
        let topics = try await openedTopics()
        topics.read(Self.users[0])
        try await topics.ask()
        cluster.change { $0.isSilent = true }
        _ = try? await topics.open([Self.users[1]])
        #expect(try await topics.topicID(of: "utenti") == "u1")
    }

    @Test func aQuestionInVainIsAskedOnceInARound() async throws {
        let topics = try await openedTopics()
        topics.read(Self.rewards)
        cluster.change { $0.isSilent = true }
        for _ in 0..<3 {
            let error = await #expect(throws: SinkTaskError.self) { try await topics.topicID(of: "premi") }
            #expect(error?.code == .retriable && error?.underlying is KafkaClientError)
            await #expect(throws: Self.silence) { try await topics.ask() }
        }
        #expect(cluster.questions.count == 1)
        cluster.change { $0.isSilent = false }
        topics.roundBegan()
        #expect(try await topics.topicID(of: "premi") == "p1")
    }

    /// A runner whose task is cancelled still files what it holds.
    @Test func aCancelledTaskGetsItsAnswer() async throws {
        let cluster = cluster
        let answer = Task { () -> String? in
            let topics = cluster.topics
            _ = try await topics.open([Self.rewards])
            topics.read(Self.rewards)
            withUnsafeCurrentTask { $0?.cancel() }
            return try await topics.topicID(of: "premi")
        }
        #expect(try await answer.value == "p1")
    }

    @Test func topicsWithoutAnIDAreNotAskedAbout() async throws {
        cluster.change { $0.facts["utenti"] = TopicFacts(retentionMilliseconds: 7) }
        let topics = cluster.topics
        #expect(try await topics.open(Self.users).map(\.topicID) == [nil, nil])
        cluster.change { $0.isSilent = true }
        topics.read(Self.users[0])
        try await topics.ask()
        #expect(cluster.questions.count == 1)
        let unasked = TaskTopics(nil as TaskTopics.Question?)
        #expect(try await unasked.open(Self.users) == Self.users.map { SinkPartition($0) })
        unasked.read(Self.users[0])
        try await unasked.ask()
    }

    /// Otherwise a topic that is made a moment later would be read without a known id.
    @Test func aTopicThatDoesNotExistIsNotOpened() async throws {
        cluster.change { $0.facts["premi"] = nil }
        let topics = cluster.topics
        let missing = await #expect(throws: SinkTaskError.self) { try await topics.open(Self.users + [Self.rewards]) }
        #expect(missing?.code == .retriable && missing?.partitions == [Self.rewards])
    }

    @Test func whereAnIDWasKnownNothingIsOpenedWithoutAnAnswer() async throws {
        let topics = try await openedTopics()
        cluster.change { $0.isSilent = true }
        let silent = await #expect(throws: SinkTaskError.self) { try await topics.open(Self.users) }
        #expect(silent?.code == .retriable && silent?.partitions == Self.users)
    }

    /// Some clusters never answer questions about topics. What the sink has filed tells whether this one did once.
    @Test func whereNoIDWasKnownPartitionsAreOpenedWithoutAnAnswer() async throws {
        cluster.change { $0.isSilent = true }
        let topics = cluster.topics
        #expect(try await topics.open(Self.users) == Self.users.map { SinkPartition($0) })
        #expect(topics.refusal != nil)
        try topics.requireAnswer(about: [])
        let error = #expect(throws: SinkTaskError.self) { try topics.requireAnswer(about: [Self.users[1]]) }
        #expect(error?.code == .retriable && error?.partitions == [Self.users[1]])
        topics.read(Self.users[0])
        try await topics.ask()
        #expect(cluster.questions.count == 1)
        cluster.change { $0.isSilent = false }
        #expect(topics.news(in: await topics.facts(of: ["utenti"]), about: Self.users).ids.count == 2)
        _ = try await topics.open(Self.users)
        try topics.requireAnswer(about: Self.users)
    }

    /// The settings may be hidden from this user; what was known of them counts on.
    @Test func aRefusalIsAnAnswer() async throws {
        let topics = try await openedTopics()
        cluster.change { $0.facts["premi"] = TopicFacts(refusal: KafkaClientError(.authorization, "no")) }
        let opened = try await topics.open([Self.rewards])
        #expect(opened == [SinkPartition(Self.rewards, retentionMilliseconds: 5)])
        #expect(topics.refusal?.code == .authorization)
    }

    /// Of two partitions of a topic one was taken over before it was made again, the other after.
    @Test func newsAreAboutThePartitionsThatWereOpenedUnderAnotherID() async throws {
        let topics = try await openedTopics()
        let newer = TopicFacts(retentionMilliseconds: 9, id: "u2")
        cluster.change { $0.facts["utenti"] = newer }
        _ = try await topics.open([Self.users[1]])
        let news = topics.news(
            in: ["utenti": newer, "premi": TopicFacts(id: "p1")],
            about: Self.users + [Self.rewards]
        )
        #expect(news.ids == [Self.users[0]: "u2"])
        #expect(news.retentions == ["premi": nil as Int64?], "that of utenti is known since the last opening")
        #expect(topics.news(in: [:], about: Self.users).ids.isEmpty)
    }
}
