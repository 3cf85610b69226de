import Dispatch
import KafkaTopics
import Logging
import PipelineTesting
import Testing

@testable import KafkaClient

/// Groups of consumers at the embedded ingestor: it gives a member as long for a rebalance as the member asks for, which
/// librdkafka's mock does not, so no test here depends on how fast the machine is.
@Suite(.timeLimit(.minutes(15)))
struct ConsumerGroupTests {
    private let logger = Logger(label: "test")
    private let topic = "comportamenti"

    private func configuration(_ bootstrap: [String], group: String) -> ConsumerConfiguration {
        var configuration = ConsumerConfiguration(bootstrap: bootstrap, group: group)
        configuration.sessionTimeout = .seconds(60)
        return configuration
    }

    private func withTopic(_ body: ([String]) async throws -> Void) async throws {
        try await withIngestor { bootstrap in
            try await withAdmin(ClientConfiguration(bootstrap: bootstrap), logger: logger) {
                try await $0.createTopic(NewTopic(name: topic, partitions: 2))
            }
            try await body(bootstrap)
        }
    }

    private func write(_ bootstrap: [String], _ numbers: Range<Int>) async throws {
        try await withProducer(ProducerConfiguration(bootstrap: bootstrap), logger: logger) { producer in
            var batch = OutgoingBatch(topic: topic)
            for number in numbers {
                batch.append(key: "k".utf8, value: "\(number)".utf8, partition: Int32(number) % 2)
            }
            let report = try await producer.send(batch)
            #expect(report.isComplete)
        }
    }

    @Test func aCommitThatNobodyWaitsForIsAnsweredByAnEvent() async throws {
        try await withTopic { bootstrap in
            try await write(bootstrap, 0..<10)
            try await withConsumer(configuration(bootstrap, group: "g"), logger: logger) { consumer in
                try await consumer.subscribe([topic])
                let place = TopicPartition(topic: topic, partition: 0)
                for try await event in consumer.events {
                    switch event {
                    case .batch(let batch) where batch.topicPartition == place: try consumer.beginCommit([place: 5])
                    case .committed(let offsets, let error):
                        #expect(offsets == [place: 5])
                        #expect(error == nil)
                        #expect(try await consumer.committed([place]) == [place: 5])
                        return
                    default: continue
                    }
                }
            }
        }
    }

    @Test func aWaitForEventsCanBeInterrupted() async throws {
        try await withTopic { bootstrap in
            try await withConsumer(ConsumerConfiguration(bootstrap: bootstrap), logger: logger) { consumer in
                async let next = consumer.nextEvent(until: nil)
                consumer.interrupt()
                guard case .deadline = try await next else {
                    Issue.record("an event came")
                    return
                }
            }
        }
    }

    @Test(arguments: [ConsumerConfiguration.Rebalancing.eager, .cooperative])
    func aGroupReadsEveryRecordOnceAndGoesOnFromWhatWasCommitted(
        _ rebalancing: ConsumerConfiguration.Rebalancing
    ) async throws {
        try await withTopic { bootstrap in
            try await write(bootstrap, 0..<1_000)
            var configuration = configuration(bootstrap, group: "g")
            configuration.rebalancing = rebalancing
            var committed: [Int64] = []
            func readUntil(_ count: Int) async throws -> (records: [Int], told: [String]) {
                try await withConsumer(configuration, logger: logger) { consumer in
                    try await consumer.subscribe([topic])
                    var records: [Int] = []
                    var told: [String] = []
                    var next: [TopicPartition: Int64] = [:]
                    for try await event in consumer.events {
                        switch event {
                        case .assigned(let partitions):
                            told.append("+\(partitions.count)")
                            committed.append(try await consumer.committed(partitions).values.reduce(0, +))
                        case .batch(let batch):
                            records += batch.numbers
                            next[batch.topicPartition] = batch.nextOffset
                            if records.count >= count { consumer.shutDown() }
                        case .revoked(let partitions):
                            told.append("-\(partitions.count)")
                            try await consumer.commit(next)
                        default: Issue.record("\(event)")
                        }
                    }
                    return (records.sorted(), told)
                }
            }
            let first = try await readUntil(1_000)
            #expect(first.records == Array(0..<1_000))
            #expect(first.told == ["+2", "-2"])
            try await write(bootstrap, 1_000..<1_100)
            let second = try await readUntil(100)
            #expect(second.records == Array(1_000..<1_100))
            #expect(committed == [0, 1_000])
        }
    }

    /// Lets a member own both partitions and a second one join; returns what happened until both had their share.
    ///
    /// - Parameter whileHeld: what the first one does between being told to give its partitions up and asking on.
    private func share(
        _ bootstrap: [String],
        group name: String,
        whileHeld: @escaping @Sendable () async throws -> Void
    ) async throws -> [String] {
        let happened = Shared<[String]>([])
        let (isOwned, owns) = AsyncStream<Void>.makeStream()
        let (isShared, shares) = AsyncStream<Void>.makeStream()
        let configuration = configuration(bootstrap, group: name)
        let (topic, logger) = (topic, logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await withConsumer(configuration, logger: logger) { consumer in
                    try await consumer.subscribe([topic])
                    var isFirst = true
                    for try await event in consumer.events {
                        switch event {
                        case .assigned:
                            guard isFirst else {
                                // Where it left before the second one has its share, that one would get both.
                                for await _ in isShared {}
                                return
                            }
                            isFirst = false
                            owns.finish()
                        case .revoked:
                            happened.withLock { $0.append("first gives up") }
                            try await whileHeld()
                            happened.withLock { $0.append("first is done") }
                        case .failed(let error) where error.isRetriable: break
                        default: happened.withLock { $0.append("first: \(event)") }
                        }
                    }
                }
            }
            group.addTask {
                for await _ in isOwned {}
                try await withConsumer(configuration, logger: logger) { consumer in
                    try await consumer.subscribe([topic])
                    for try await event in consumer.events {
                        guard case .assigned(let partitions) = event else { continue }
                        happened.withLock { $0.append("second has \(partitions.count)") }
                        shares.finish()
                        return
                    }
                }
            }
            try await group.waitForAll()
        }
        return happened.withLock { $0 }
    }

    /// The first member is told to give up because the second has joined. While it works on that, the same happens in
    /// another group from beginning to end: so long the second one would have had its share, were it not held up.
    @Test func aRebalanceWaitsUntilTheReceiverHasFinished() async throws {
        let expected = ["first gives up", "first is done", "second has 1"]
        try await withTopic { bootstrap in
            let happened = try await share(bootstrap, group: "held") {
                let other = try await self.share(bootstrap, group: "other") {}
                #expect(other == expected)
            }
            #expect(happened == expected)
        }
    }

    /// The receiver runs on a thread of its own: those that all tests share can be busy for longer than it may be silent.
    @Test func aReceiverThatOnlyWaitsStaysInItsGroup() async throws {
        try await withTopic { bootstrap in
            try await write(bootstrap, 0..<1)
            let others = try await withTaskExecutorPreference(OneThread()) {
                try await waitForTwoRecords(bootstrap)
            }
            #expect(others.count == 1, "only the assignment: \(others)")
        }
    }

    /// Reads a record, then waits for another one, which comes only when the producer has let it linger.
    ///
    /// - Returns: the events that brought no records.
    private func waitForTwoRecords(_ bootstrap: [String]) async throws -> [String] {
        // The timeout that counts is librdkafka's, wherever it was set.
        let timeouts = ["session.timeout.ms": "9000", "max.poll.interval.ms": "9000"]
        var slow = ProducerConfiguration(bootstrap: bootstrap)
        slow.linger = .seconds(12)
        return try await withProducer(slow, logger: logger) { producer in
            var configuration = configuration(bootstrap, group: "g")
            configuration.client.properties = timeouts
            var late = OutgoingBatch(topic: topic)
            late.append(key: "k".utf8, value: "late".utf8, partition: 0)
            var delivery: BatchDelivery?
            var others: [String] = []
            var records = 0
            try await withConsumer(configuration, logger: logger) { consumer in
                try await consumer.subscribe([topic])
                for try await event in consumer.events {
                    guard case .batch(let batch) = event else {
                        others.append("\(event)")
                        continue
                    }
                    records += batch.count
                    if records == 2 { return }
                    delivery = await producer.enqueue(late)
                }
            }
            let report = try await delivery?.report()
            #expect(report?.isComplete == true)
            return others
        }
    }
}

/// Runs tasks one at a time, on no thread that others wait for.
private final class OneThread: TaskExecutor {
    private let queue = DispatchQueue(label: "test.one-thread")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
