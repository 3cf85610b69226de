import Foundation
import KafkaClient
import KafkaTopics
import Logging
import PipelineTesting
import SystemPackage
import Testing

/// The real ingestor under load, killed with SIGKILL at random moments and started again on what it left.
@Suite(.timeLimit(.minutes(20))) struct IngestorCrashTests {
    private static let crashes = 20
    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test(arguments: Seeds.chosen([UInt64.random(in: 0...UInt64.max)]))
    func acknowledgedRecordsSurviveEveryCrashOnce(seed: UInt64) async throws {
        try await withSeed(seed) { generator in
            let directory = ScratchDirectory()
            let ingestor = try await CrashingIngestor(data: directory.path, using: &generator)
            try await ingestor.run(stopping: SIGTERM) { _ in try await makeTopic(at: ingestor.bootstrap) }

            let load = CrashLoad(bootstrap: ingestor.bootstrap)
            let waits = (0..<Self.crashes).map { _ in Int.random(in: 0...4_000, using: &generator) }
            let recoveries = try await crash(ingestor, under: load, after: waits)
            #expect(recoveries > 0, "no crash left anything to recover: they came at no interesting moment")
            try await ingestor.run(stopping: SIGTERM) { program in
                #expect(
                    !program.errorOutput.soFar.contains { $0.contains("log recovered") },
                    "the last stop was in order"
                )
                try await expectCommitted(load, at: ingestor.bootstrap)
                for partition in CrashLoad.partitions {
                    try await expectRecords(of: partition, load, at: ingestor.bootstrap)
                }
            }
        }
    }

    /// Kills the ingestor each time that so many more records are acknowledged, and in the end lets it serve until the load
    /// is settled.
    ///
    /// - Returns: how many logs had to be recovered.
    private func crash(_ ingestor: CrashingIngestor, under load: CrashLoad, after waits: [Int]) async throws -> Int {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await load.run() }
            var recoveries = 0
            for more in waits {
                recoveries += try await ingestor.run(stopping: SIGKILL) { program in
                    try await expectCommitted(load, at: ingestor.bootstrap)
                    try await load.acknowledged.wait(until: load.acknowledged.count + more)
                    return program.errorOutput.soFar.count { $0.contains("log recovered") }
                }
            }
            try await ingestor.run(stopping: SIGTERM) { _ in
                load.stop()
                try await group.waitForAll()
            }
            return recoveries
        }
    }

    /// Small segments, so that crashes also meet the moment when one is sealed and the next begins.
    private func makeTopic(at bootstrap: String) async throws {
        let topic = NewTopic(
            name: CrashLoad.topic,
            partitions: Int32(CrashLoad.partitions.count),
            configs: ["segment.bytes": "65536"]
        )
        try await withAdmin(ClientConfiguration(bootstrap: [bootstrap]), logger: Self.logger) { admin in
            try await admin.createTopic(topic)
        }
    }

    private func expectCommitted(_ load: CrashLoad, at bootstrap: String) async throws {
        let acknowledged = load.acknowledged.committed
        let partition = TopicPartition(topic: CrashLoad.topic, partition: 0)
        let kept = try await withAdmin(ClientConfiguration(bootstrap: [bootstrap]), logger: Self.logger) { admin in
            try await admin.committedOffsets(ofGroup: CrashLoad.group, [partition])[partition] ?? 0
        }
        #expect(kept >= acknowledged, "a committed offset went back")
    }

    /// Each acknowledged record is where its acknowledgement says, each number is there once, in the order of sending.
    private func expectRecords(of partition: Int32, _ load: CrashLoad, at bootstrap: String) async throws {
        let numbers = try await read(partition, at: bootstrap)
        var previous = -1
        var twice = 0
        for (_, number) in numbers.sorted(by: { $0.key < $1.key }) {
            if number <= previous { twice += 1 }
            previous = number
        }
        #expect(twice == 0, "records of partition \(partition) are there twice or out of order")
        let acknowledged = load.acknowledged.offsets(of: partition)
        #expect(acknowledged.count > 0)
        let lost = acknowledged.filter { numbers[$0.value] != $0.key }
        #expect(lost.isEmpty, "\(lost.count) of \(acknowledged.count) acknowledged records of partition \(partition)")
    }

    /// The numbers of all records of a partition, by offset.
    private func read(_ partition: Int32, at bootstrap: String) async throws -> [Int64: Int] {
        var configuration = ConsumerConfiguration(bootstrap: [bootstrap])
        configuration.reportsEndOfPartition = true
        return try await withConsumer(configuration, logger: Self.logger) { consumer in
            try await consumer.assign([TopicPartition(topic: CrashLoad.topic, partition: partition): .beginning])
            var numbers: [Int64: Int] = [:]
            while let event = try await consumer.nextEvent() {
                switch event {
                case .batch(let batch):
                    batch.forEachRecord { record in
                        numbers[record.offset] = record.value.flatMap { Int(String(decoding: $0, as: UTF8.self)) }
                    }
                case .endOfPartition: return numbers
                case .failed(let error): throw error
                case .assigned, .committed, .revoked, .lost: break
                }
            }
            return numbers
        }
    }
}
