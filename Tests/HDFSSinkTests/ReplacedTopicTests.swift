import CommitLedger
import ConnectAPI
import HDFSSink
import KafkaTopics
import PipelineTesting
import Storage
import Testing

/// A topic that is deleted and made again between two commits: no record is filed of which it is not sure that it came
/// from the topic that was taken over.
@Suite(.timeLimit(.minutes(15))) struct ReplacedTopicTests {
    let harness = SinkHarness()
    let partition = SinkHarness.partition
    let topics = SettableTopics([SinkHarness.partition.topic: "one"])
    let now = SinkHarness.start

    /// What makes the task commit.
    enum Occasion: CaseIterable {
        case flushSize, timer, handover
    }

    /// Offsets 0 to 3 are filed, 4 and 5 are held; 4 has the only record among them.
    private func taskThatHoldsARecord() async throws -> HDFSSinkTask {
        let task = try harness.task(topics: topics, ["flush.size": "3", "visible.within.ms": "1000"])
        _ = try await open(task, "one")
        try await task.put(SinkHarness.batch(0..<6), now: now)
        #expect(try await harness.history().newest?.next == 4)
        return task
    }

    private func open(_ task: HDFSSinkTask, _ topicID: String?) async throws -> SinkStart? {
        try await task.open([SinkPartition(partition, topicID: topicID)], now: Moment(at: now))[partition]
    }

    /// Has `task` commit what it holds, and more of the log.
    private func commit(_ task: HDFSSinkTask, on occasion: Occasion) async throws {
        switch occasion {
        case .flushSize: try await task.put(SinkHarness.batch(6..<9), now: now)
        case .timer: try await task.timerFired(now: now.advanced(byMilliseconds: 1_000))
        case .handover: try await task.close([partition], .handedOver, now: now)
        }
    }

    @Test(arguments: Occasion.allCases)
    func nothingThatMayBeOfAnotherTopicIsFiled(on occasion: Occasion) async throws {
        let task = try await taskThatHoldsARecord()
        let before = try await harness.filed()
        topics.ids[partition.topic] = "two"
        let error = await #expect(throws: SinkTaskError.self) { try await commit(task, on: occasion) }
        #expect(error?.code == .retriable)
        #expect(error?.partitions == [partition])
        #expect(error?.message.contains("made again") == true, "\(String(describing: error))")
        #expect(error?.message.contains("4..<") == true, "it does not say what is not filed")
        try await task.close([partition], .abandoned, now: now)
        #expect(try await harness.history().newest?.next == 4)
        #expect(try await harness.filed().map(\.path) == before.map(\.path))
        #expect(try await harness.files.files(under: StoragePath("raw_data/+tmp")) == [])
    }

    /// The runner holds the ids against each other at the next opening; an operator's word then leads on.
    @Test func theNewTopicIsFiledOnceInALineageOfItsOwn() async throws {
        let task = try await taskThatHoldsARecord()
        let before = try await harness.filed()
        topics.ids[partition.topic] = "two"
        await #expect(throws: SinkTaskError.self) { try await task.put(SinkHarness.batch(6..<9), now: now) }
        #expect(try await open(task, "two")?.topicID == "one", "the runner would not see that it is another topic")
        try await task.close([partition], .abandoned, now: now)

        try await harness.repair(.reset(next: 0, fingerprint: nil, topicID: "two", reason: "made again", time: 1))
        #expect(try await open(task, "two")?.next == 0)
        try await task.put(SinkHarness.batch(0..<9), now: now)
        try await task.close([partition], .handedOver, now: now)
        let filed = try await harness.filed()
        #expect(before.allSatisfy { file in filed.contains { $0 == file } })
        let added = filed.filter { $0.path.hasSuffix(".l2.json") }
        #expect(added.count + before.count == filed.count)
        #expect(added.flatMap(\.lines).sorted() == (0..<9).filter { $0 % 5 != 0 }.map(SinkHarness.line).sorted())
    }

    /// No other topic took its place whose records these could be.
    @Test func whatWasReadOfADeletedTopicIsFiled() async throws {
        let task = try await taskThatHoldsARecord()
        topics.ids[partition.topic] = nil
        try await task.close([partition], .handedOver, now: now)
        try await harness.expectWhole(upTo: 6)
    }

    @Test func withoutAnAnswerNothingIsFiledAndNothingIsLost() async throws {
        let task = try await taskThatHoldsARecord()
        topics.failure = SinkTaskError(.retriable, "no answer")
        let error = await #expect(throws: SinkTaskError.self) {
            try await task.close([partition], .handedOver, now: now)
        }
        #expect(error?.code == .retriable && error?.partitions == [partition] && error?.message == "no answer")
        #expect(try await harness.history().newest?.next == 4)
        topics.failure = nil
        #expect(try await open(task, "one")?.next == 4)
        try await task.put(SinkHarness.batch(4..<9), now: now)
        try await task.close([partition], .handedOver, now: now)
        try await harness.expectWhole(upTo: 9)
    }

    /// Brokers that tell no ids cannot be asked in vain.
    @Test func whereNoIDWasKnownTheClusterIsNotAsked() async throws {
        topics.failure = SinkTaskError(.retriable, "no answer")
        let task = try harness.task(topics: topics, ["flush.size": "3"])
        _ = try await open(task, nil)
        try await task.put(SinkHarness.batch(0..<6), now: now)
        try await task.close([partition], .handedOver, now: now)
        try await harness.expectWhole(upTo: 6)
        #expect(topics.questions == 0)
    }
}
