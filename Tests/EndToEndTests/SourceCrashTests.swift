import Community
import DataSource
import Foundation
import GroundTruth
import KafkaClient
import KafkaTopics
import Logging
import PipelineTesting
import SystemPackage
import Testing

/// The simulated source of `hera up`, killed at random moments: each partition has its part of the sequence, whole and
/// once.
@Suite(.timeLimit(.minutes(20))) struct SourceCrashTests {
    static let kills = 4
    /// So many events are sent at most before a kill, after those that were passed over.
    static let eventsBeforeKillMax = 20_000
    /// So many are sent by a run that is not killed: by then all that the killed ones left is passed over.
    static let eventsOfOrderlyRun = 40_000
    static let community = CommunityConfiguration(seed: 42, initialSize: 1_000)
    /// Fast enough for many records to be on their way at a kill.
    static let environment = [
        "HERA_SOURCE_RATE": "20000", "HERA_SOURCE_INITIAL_SIZE": "1000", "HERA_SOURCE_SEED": "42",
    ]

    @Test(arguments: Seeds.chosen([20_261_123]))
    func everyEventIsSentOnceWhateverTheMomentOfTheKill(seed: UInt64) async throws {
        try await withSeed(seed) { generator in
            try await withTemporaryDirectory { data in
                for _ in 1...Self.kills {
                    let count = Int.random(in: 1...Self.eventsBeforeKillMax, using: &generator)
                    #expect(try await up(data, until: count, then: SIGKILL) == .signaled(SIGKILL))
                }
                // The first one learns from the topics what the killed ones sent, the second one from the
                // truth of the first.
                for _ in 1...2 {
                    #expect(try await up(data, until: Self.eventsOfOrderlyRun, then: SIGTERM) == .exited(0))
                }
                let truths = try GroundTruth.paths(in: data.appending("truth").string).map {
                    try GroundTruth.read(from: $0)
                }
                let last = try #require(truths.max { $0.startedAtMilliseconds < $1.startedAtMilliseconds })
                #expect(truths.count { $0.outcome == .running } == Self.kills)
                #expect(last.outcome == .interrupted)
                let crashed = truths.filter { $0.outcome == .running }.map(\.run)
                #expect(Set(truths.flatMap { $0.crashedRunsPassed ?? [] }) == Set(crashed))
                let expected = sequence(last.producedCount)
                let found = try await records(data)
                #expect(Set(found.keys) == Set(expected.keys))
                for (partition, records) in expected {
                    let found = found[partition] ?? []
                    #expect(found.count == records.count, "\(partition)")
                    let difference = zip(found, records).enumerated().first { $0.element.0 != $0.element.1 }
                    #expect(difference == nil, "\(partition)")
                }
            }
        }
    }

    /// Runs `hera up` until its source has sent so many records, and says how it ended after the signal.
    private func up(_ data: FilePath, until count: Int, then signal: Int32) async throws -> ProgramStatus {
        let arguments = ["up", "--data", data.string, "--listen", "127.0.0.1:0"]
        return try await withProcess(BuiltPackage.program(), arguments: arguments, environment: Self.environment) {
            process in
            let ready = try await process.waitForLine("ready kafka=")
            let address = ready.dropFirst("ready kafka=".count).prefix { $0 != " " }
            _ = try await process.whileItRuns {
                try await read(String(address), from: .end) { records, _ in records.values.joined().count >= count }
            }
            process.kill(signal)
            return try await process.waitForExit()
        }
    }

    /// By partition: the first `count` records of the sequence, each as its key and its value.
    private func sequence(_ count: Int) -> [TopicPartition: [[UInt8]]] {
        var generator = CommunityGenerator(Self.community)
        let encoder = EventEncoder()
        var records: [TopicPartition: [[UInt8]]] = [:]
        for _ in 0..<count {
            let event = generator.next()
            var key: [UInt8] = []
            encoder.appendKey(of: event, to: &key)
            let partition = TopicPartition(
                topic: event.topic.name,
                partition: Int32(KeyPartitioner.partition(of: key, count: 2))
            )
            var record = key
            _ = encoder.appendValue(of: event, key: key, to: &record)
            records[partition, default: []].append(record)
        }
        return records
    }

    /// By partition: what the topics have.
    private func records(_ data: FilePath) async throws -> [TopicPartition: [[UInt8]]] {
        let arguments = ["ingestor", "--data", data.string, "--listen", "127.0.0.1:0", "--no-topics"]
        return try await withProcess(BuiltPackage.program(), arguments: arguments) { ingestor in
            let address = try await ingestor.waitForLine("ready kafka=").dropFirst("ready kafka=".count)
            return try await ingestor.whileItRuns {
                try await read(String(address), from: .beginning) { _, ended in ended.count == 6 }
            }
        }
    }

    /// By partition: what is read until `isEnough`, which is asked after every event with the partitions that are
    /// read to their end.
    @discardableResult
    private func read(
        _ address: String,
        from start: StartPosition,
        until isEnough: ([TopicPartition: [[UInt8]]], Set<TopicPartition>) -> Bool
    ) async throws -> [TopicPartition: [[UInt8]]] {
        let partitions = CommunityTopic.allCases.flatMap { topic in
            (0..<2).map { TopicPartition(topic: topic.name, partition: $0) }
        }
        var configuration = ConsumerConfiguration(bootstrap: [address])
        configuration.reportsEndOfPartition = true
        return try await withConsumer(configuration, logger: Logger(label: "test")) { consumer in
            try await consumer.assign(Dictionary(uniqueKeysWithValues: partitions.map { ($0, start) }))
            var records: [TopicPartition: [[UInt8]]] = [:]
            var ended: Set<TopicPartition> = []
            for try await event in consumer.events {
                switch event {
                case .batch(let batch):
                    batch.forEachRecord { record in
                        var bytes = record.key.map { Array($0) } ?? []
                        if let value = record.value { bytes += value }
                        records[batch.topicPartition, default: []].append(bytes)
                    }
                case .endOfPartition(let partition, _): ended.insert(partition)
                default: break
                }
                if isEnough(records, ended) { break }
            }
            return records
        }
    }
}
