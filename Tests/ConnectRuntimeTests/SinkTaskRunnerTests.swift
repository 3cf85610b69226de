import CRdKafka
import ConnectAPI
import ConnectRuntime
import KafkaClient
import KafkaTopics
import Logging
import PipelineTesting
import ServiceLifecycle
import Testing

/// Runners with a sink that records what it gets, on librdkafka's mock of a cluster.
@Suite(.timeLimit(.minutes(15))) struct SinkTaskRunnerTests {
    static let topic = "comportamenti"
    private static let queue = "dlq"
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test func everyRecordIsFiledFilteredOrSetAside() async throws {
        let cluster = try MockCluster()
        try await fill(cluster, 0..<3_000)
        let store = RecordingStore()
        try await run(cluster, store, settings: Self.tolerant) { _ in
            await store.wait { $0.next.values.reduce(0, +) == 3_000 }
        }
        let contents = store.contents
        #expect(contents.repeated.isEmpty)
        #expect(contents.count == 3_000 - 300 - 30)
        #expect(contents.skipped.values.reduce(0) { $0 + $1.filtered } == 300)
        #expect(contents.skipped.values.reduce(0) { $0 + $1.deadLettered } == 30)
        #expect(contents.records.values.allSatisfy { $0.values.allSatisfy { $0.hasPrefix("{") } })
        #expect(contents.stops == 1)
        // The group has what is durable.
        let committed = try await committed(cluster)
        #expect(committed == contents.next)
        let letters = try await read(Self.queue, 30, from: cluster)
        #expect(letters.allSatisfy { $0.value == Array("nonsense".utf8) })
        let places = letters.map { letter in
            ["topic", "partition", "offset"].map { name in
                letter.headers.first { $0.name == "__connect.errors.\(name)" }?.value.map {
                    String(decoding: $0, as: UTF8.self)
                } ?? ""
            }.joined(separator: "/")
        }
        #expect(Set(places).count == 30)
        #expect(places.allSatisfy { $0.hasPrefix("\(Self.topic)/") })
    }

    @Test func afterErrorsOfTheSinkNothingIsMissingOrTwice() async throws {
        let cluster = try MockCluster()
        try await fill(cluster, 0..<2_000)
        let store = RecordingStore()
        store.change { contents in
            contents.failures = [
                SinkTaskError(.retriable, "storage out of reach"),
                SinkTaskError(.fenced, "taken over", partitions: [TopicPartition(topic: Self.topic, partition: 0)]),
                SinkTaskError(.retriable, "storage out of reach"),
            ]
        }
        try await run(cluster, store, settings: ["errors.retry.delay.max.ms": "20"].merging(Self.tolerant) { $1 }) {
            _ in
            await store.wait { $0.next.values.reduce(0, +) == 2_000 }
        }
        let contents = store.contents
        #expect(contents.repeated.isEmpty)
        #expect(contents.count == 2_000 - 200 - 20)
        #expect(contents.openings >= 2)
        #expect(contents.closings.contains(.abandoned))
    }

    @Test func permanentErrorIsShownAndTriedAgainWithoutLoss() async throws {
        let cluster = try MockCluster()
        try await fill(cluster, 0..<200)
        let store = RecordingStore()
        let first = TopicPartition(topic: Self.topic, partition: 0)
        store.change { contents in
            contents.openFailures = Array(
                repeating: SinkTaskError(.permanent, "no permission to write", partitions: [first]),
                count: 3
            )
        }
        let settings = ["errors.retry.delay.max.ms": "20"].merging(Self.tolerant) { $1 }
        try await run(cluster, store, settings: settings) { _ in
            await store.wait { $0.next.values.reduce(0, +) == 200 }
        }
        #expect(store.contents.openFailures.isEmpty)
        #expect(store.contents.repeated.isEmpty)
    }

    @Test func withoutToleranceABadRecordStopsItsPartitionAlone() async throws {
        let cluster = try MockCluster()
        try await fill(cluster, 0..<200)
        let store = RecordingStore()
        // Bad records have odd numbers, which are in the second partition.
        try await run(cluster, store) { runner in
            await store.wait { $0.next[TopicPartition(topic: Self.topic, partition: 0)] == 100 }
            await store.wait { $0.closings.contains(.abandoned) }
            let failed = runner.status.partitions.first { $0.state == .failed }
            #expect(failed?.partition == 1)
            #expect(failed?.reason?.contains("not valid JSON") == true)
            #expect(runner.status.state == .degraded)
        }
    }

    @Test func timersRunWithoutNewRecords() async throws {
        let cluster = try MockCluster()
        try await fill(cluster, 0..<50)
        let store = RecordingStore()
        let settings = ["flush.size": "1000000", "flush.ms": "50"].merging(Self.tolerant) { $1 }
        try await run(cluster, store, settings: settings) { _ in
            await store.wait { $0.next.values.reduce(0, +) == 50 && $0.timersFired > 0 }
        }
        #expect(store.contents.repeated.isEmpty)
    }

    @Test(arguments: [-86_400_000, 86_400_000] as [Int64])
    func wallClockThatStepsHoldsUpNothing(step: Int64) async throws {
        let cluster = try MockCluster()
        try await fill(cluster, 0..<50)
        let store = RecordingStore()
        store.change { $0.failures = [SinkTaskError(.retriable, "storage out of reach")] }
        let settings = ["flush.size": "1000000", "flush.ms": "50", "errors.retry.delay.max.ms": "20"]
        try await run(cluster, store, settings: settings.merging(Self.tolerant) { $1 }, wallStep: step) { _ in
            await store.wait { $0.next.values.reduce(0, +) == 50 && $0.timersFired > 0 }
        }
        #expect(store.contents.repeated.isEmpty)
    }

    @Test func whatATaskHoldsIsFiledWhenTheRunnerStops() async throws {
        let cluster = try MockCluster()
        try await fill(cluster, 0..<1_000)
        let store = RecordingStore()
        let settings = ["flush.size": "1000000"].merging(Self.tolerant) { $1 }
        try await run(cluster, store, settings: settings) { runner in
            await store.wait { $0.handed.values.reduce(0, +) == 1_000 }
            #expect(runner.status.partitions.map(\.highWatermark) == [500, 500])
        }
        let contents = store.contents
        #expect(contents.closings.last == .handedOver)
        #expect(contents.next.values.reduce(0, +) == 1_000)
        #expect(try await committed(cluster) == contents.next)
    }

    @Test func runnersShareThePartitionsAndHandThemOver() async throws {
        let cluster = try MockCluster()
        try await fill(cluster, 0..<2_000)
        let store = RecordingStore()
        let settings = ["flush.size": "100"].merging(Self.tolerant) { $1 }
        try await run(cluster, store, settings: settings) { _ in
            await store.wait { $0.next.values.reduce(0, +) >= 1_000 }
            // A second runner comes, takes its share, and goes again.
            try await self.run(cluster, store, settings: settings) { _ in
                await store.wait { $0.writers.count == 2 }
                try await self.write(cluster, 2_000..<4_000)
                await store.wait { $0.next.values.reduce(0, +) >= 3_000 }
            }
            try await self.write(cluster, 4_000..<5_000)
            await store.wait { $0.next.values.reduce(0, +) >= 4_900 }
        }
        let contents = store.contents
        #expect(contents.repeated.isEmpty)
        #expect(contents.next.values.reduce(0, +) == 5_000)
        #expect(contents.count == 5_000 - 500 - 50)
    }

    @Test func offsetsThatTheGroupRefusesAreNoFailure() async throws {
        let cluster = try MockCluster()
        try await fill(cluster, 0..<500)
        let store = RecordingStore()
        // An error that librdkafka does not try again by itself.
        cluster.fail(.offsetCommit, with: [RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED])
        try await run(cluster, store, settings: Self.tolerant) { runner in
            await store.wait { $0.next.values.reduce(0, +) == 500 }
            #expect(runner.status.state == .running)
        }
        let contents = store.contents
        #expect(contents.repeated.isEmpty)
        #expect(try await committed(cluster) == contents.next)
    }

    @Test func partitionThatCouldNotBeTakenOverIsReadLater() async throws {
        let cluster = try MockCluster()
        try await fill(cluster, 0..<200)
        let store = RecordingStore()
        let first = TopicPartition(topic: Self.topic, partition: 0)
        store.change { contents in
            contents.openFailures = [SinkTaskError(.retriable, "storage out of reach", partitions: [first])]
        }
        try await run(cluster, store, settings: ["errors.retry.delay.max.ms": "20"].merging(Self.tolerant) { $1 }) {
            _ in
            await store.wait { $0.next.values.reduce(0, +) == 200 }
        }
        #expect(store.contents.repeated.isEmpty)
    }

    @Test func whatIsHeldIsFiledWhenKafkaDoesNotKnowTheNextOffset() async throws {
        let cluster = try MockCluster()
        try await fill(cluster, 0..<200)
        let store = RecordingStore()
        let settings = ["flush.size": "1000000", "errors.retry.delay.max.ms": "20"].merging(Self.tolerant) { $1 }
        try await run(cluster, store, settings: settings) { _ in
            await store.wait { $0.handed.values.reduce(0, +) == 200 }
            cluster.fail(.fetch, with: [RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE])
            try await self.write(cluster, 200..<400)
            await store.wait { $0.handed.values.reduce(0, +) == 400 }
        }
        let contents = store.contents
        #expect(contents.repeated.isEmpty)
        #expect(contents.next.values.reduce(0, +) == 400)
        #expect(contents.openings > 1, "no partition was out of range")
        // The last closing is the stop's.
        #expect(contents.closings.dropLast().contains(.handedOver))
    }

    /// librdkafka's producers refuse records that topics take by default.
    @Test func largestRecordThatATopicTakesIsSetAside() async throws {
        let cluster = try MockCluster()
        try await fill(cluster, 0..<0)
        let value = Array(repeating: UInt8(ascii: "x"), count: 1_020_000)
        try await write(cluster, value)
        let store = RecordingStore()
        try await run(cluster, store, settings: Self.tolerant) { _ in
            await store.wait { $0.handed.values.reduce(0, +) == 1 }
        }
        #expect(try await read(Self.queue, 1, from: cluster).first?.value == value)
    }

    @Test func recordThatTheQueueWillNeverTakeStopsItsPartition() async throws {
        let cluster = try MockCluster()
        try await fill(cluster, 0..<0)
        try await write(cluster, Array(repeating: UInt8(ascii: "x"), count: 5_000))
        let store = RecordingStore()
        let settings = ["producer.override.message.max.bytes": "2000"].merging(Self.tolerant) { $1 }
        try await run(cluster, store, settings: settings) { runner in
            await store.wait { $0.closings.contains(.abandoned) }
            let failed = runner.status.partitions.first { $0.state == .failed }
            #expect(failed?.reason?.contains("could not be set aside in '\(Self.queue)'") == true)
        }
        #expect(store.contents.handed.isEmpty)
    }

    // MARK: - Offsets that hold something else than the sink expects

    @Test func logThatHasAnotherRecordIsNotFiled() async throws {
        let cluster = try MockCluster()
        try await fill(cluster, 0..<200)
        let store = RecordingStore()
        let first = TopicPartition(topic: Self.topic, partition: 0)
        let second = TopicPartition(topic: Self.topic, partition: 1)
        let known = try await fingerprint(of: second, at: 49, in: cluster, logger: logger)
        store.change { contents in
            contents.next = [first: 50, second: 50]
            contents.fingerprints = [
                first: RecordFingerprint(offset: 49, timestamp: 1, checksum: "00000000"),
                second: known,
            ]
        }
        try await run(cluster, store, settings: Self.tolerant) { runner in
            await store.wait { $0.next[second] == 100 }
            await store.wait { $0.closings.contains(.abandoned) }
            let failed = runner.status.partitions.first { $0.state == .failed }
            #expect(failed?.partition == 0)
            for words in ["offset 49", "00000000", "hera repair accept \(first)"] {
                #expect(failed?.reason?.contains(words) == true, "\(failed?.reason ?? "")")
            }
        }
        #expect(store.contents.records[first] == nil)
        #expect(store.contents.records[second]?.keys.min() ?? 0 >= 50)
    }

    @Test func batchThatCannotBeReadStopsItsPartitionAndIsNotPassedOver() async throws {
        let cluster = try MockCluster()
        try await fill(cluster, 0..<200)
        let store = RecordingStore()
        cluster.fail(.fetch, with: [RD_KAFKA_RESP_ERR_INVALID_MSG])
        let settings = ["errors.retry.delay.max.ms": "20"].merging(Self.tolerant) { $1 }
        try await run(cluster, store, settings: settings) { _ in
            await store.wait { $0.next.values.reduce(0, +) == 200 }
        }
        let contents = store.contents
        #expect(contents.repeated.isEmpty)
        #expect(contents.count == 200 - 20 - 2)
        #expect(contents.openings > 1, "no batch was unreadable")
        #expect(contents.closings.contains(.handedOver))
    }

    // MARK: - Tools

    static let tolerant = [
        "errors.tolerance": "all",
        "errors.deadletterqueue.topic.name": queue,
    ]

    /// Records of two partitions: of ten one is a tombstone, of a hundred one is no JSON.
    func write(_ cluster: MockCluster, _ numbers: Range<Int>) async throws {
        try await withProducer(ProducerConfiguration(bootstrap: cluster.bootstrap), logger: logger) { producer in
            var batch = OutgoingBatch(topic: Self.topic)
            for number in numbers {
                let value: String? =
                    number % 10 == 3 ? nil : number % 100 == 7 ? "nonsense" : #"{"number": \#(number)}"#
                batch.append(key: "\(number)".utf8, value: value?.utf8, partition: Int32(number) % 2)
            }
            let report = try await producer.send(batch)
            #expect(report.isComplete)
        }
    }

    /// One record, however large.
    private func write(_ cluster: MockCluster, _ value: [UInt8]) async throws {
        let room = ["message.max.bytes": "2000000"]
        let configuration = ProducerConfiguration(bootstrap: cluster.bootstrap, properties: room)
        try await withProducer(configuration, logger: logger) { producer in
            _ = try await producer.send(KafkaRecord(topic: Self.topic, value: value))
        }
    }

    private func fill(_ cluster: MockCluster, _ numbers: Range<Int>) async throws {
        try cluster.create(Self.topic, partitions: 2)
        try cluster.create(Self.queue, partitions: 1)
        try await write(cluster, numbers)
    }

    private func runner(
        _ cluster: MockCluster,
        _ store: RecordingStore,
        settings: [String: String] = [:],
        wallStep: Int64 = 0
    ) throws -> SinkTaskRunner {
        let configuration = [
            "name": "recorder",
            "connector.class": "RecordingConnector",
            "topics": Self.topic,
            "transforms": "drop",
            "transforms.drop.type": "Filter",
            "transforms.drop.predicate": "isNull",
            "predicates": "isNull",
            "predicates.isNull.type": "RecordIsTombstone",
            // The mock cluster lets a new member in when this time has passed.
            "consumer.override.session.timeout.ms": "6000",
        ].merging(settings) { $1 }
        let origin = ContinuousClock.now
        var runner = try SinkTaskRunnerConfiguration(
            configuration,
            connector: RecordingConnector(store: store),
            plugins: .builtIn,
            bootstrap: cluster.bootstrap,
            now: {
                let passed = Int64(origin.duration(to: .now) / .milliseconds(1))
                return Moment(
                    wall: Timestamp(milliseconds: 1_600_000_000_000 + passed * (1 + wallStep)),
                    monotonic: MonotonicTime(milliseconds: passed)
                )
            }
        )
        // The mock cluster knows neither configurations nor how topics are made.
        runner.asksAboutTopics = false
        return SinkTaskRunner(runner, logger: logger)
    }

    /// Runs a runner while `body` runs, and stops it gracefully.
    private func run(
        _ cluster: MockCluster,
        _ store: RecordingStore,
        settings: [String: String] = [:],
        wallStep: Int64 = 0,
        _ body: @escaping (SinkTaskRunner) async throws -> Void
    ) async throws {
        let runner = try runner(cluster, store, settings: settings, wallStep: wallStep)
        let services = ServiceGroup(services: [runner], logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                do {
                    try await services.run()
                    try Task.checkCancellation()
                } catch {
                    // Waits for the runner would not end.
                    store.giveUp()
                    throw error
                }
            }
            try await body(runner)
            await services.triggerGracefulShutdown()
            try await group.waitForAll()
        }
    }

    private func committed(_ cluster: MockCluster) async throws -> [TopicPartition: Int64] {
        let configuration = ConsumerConfiguration(bootstrap: cluster.bootstrap, group: "connect-recorder")
        return try await withConsumer(configuration, logger: logger) { consumer in
            try await consumer.committed((0..<2).map { TopicPartition(topic: Self.topic, partition: $0) })
        }
    }

    private func read(_ topic: String, _ count: Int, from cluster: MockCluster) async throws -> [KafkaRecord] {
        let configuration = ConsumerConfiguration(bootstrap: cluster.bootstrap)
        return try await withConsumer(configuration, logger: logger) { consumer in
            let place = TopicPartition(topic: topic, partition: 0)
            try await consumer.assign([place: .beginning])
            var records: [KafkaRecord] = []
            for try await event in consumer.events {
                if case .batch(let batch) = event {
                    batch.forEachRecord { record in
                        records.append(
                            KafkaRecord(
                                topic: topic,
                                key: record.key.map { Array($0) },
                                value: record.value.map { Array($0) },
                                headers: record.headers()
                            )
                        )
                    }
                }
                if records.count >= count { break }
            }
            #expect(consumer.highWatermark(of: place) == Int64(count))
            return records
        }
    }
}

/// The fingerprint of the record at `offset`, as the cluster has it.
private func fingerprint(
    of partition: TopicPartition,
    at offset: Int64,
    in cluster: MockCluster,
    logger: Logger
) async throws -> RecordFingerprint {
    try await withConsumer(ConsumerConfiguration(bootstrap: cluster.bootstrap), logger: logger) { consumer in
        try await consumer.assign([partition: .offset(offset)])
        while let event = try await consumer.nextEvent() {
            guard case .batch(let batch) = event else { continue }
            return batch.withRecord(at: 0) { record in
                RecordFingerprint(
                    offset: record.offset,
                    timestamp: record.timestamp,
                    key: record.key,
                    value: record.value
                )
            }
        }
        throw CancellationError()
    }
}
