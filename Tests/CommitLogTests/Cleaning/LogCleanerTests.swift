import KafkaProtocol
import KafkaTopics
import NIOCore
import PipelineTesting
import Synchronization
import SystemPackage
import Testing

@testable import CommitLog

@Suite(.timeLimit(.minutes(15)))
struct LogCleanerTests {
    private final class Progress: Sendable {
        let isDone = Atomic(false)
        let cleanings = Atomic(0)
    }

    private func manager(_ root: FilePath) throws -> LogManager {
        let manager = try LogManager.open(
            root: root,
            defaults: .small,
            readings: .inBoot("a"),
            calls: .withoutWaiting
        ).manager
        _ = try manager.begin()
        return manager
    }

    @discardableResult
    private func topic(_ name: String, _ manager: LogManager, keys: Int) throws -> PartitionLog {
        let settings = ["cleanup.policy": "compact", "min.cleanable.dirty.ratio": "0"]
        try manager.createTopic(name, partitions: 1, overrides: settings, now: 1_000)
        let log = try #require(manager.log(for: TopicPartition(topic: name, partition: 0)))
        for index in 0..<60 { try log.append([(key: "\(index % keys)", value: "\(index)")]) }
        try log.sealAll()
        return log
    }

    @Test func allLogsAreCleanedALittleAtATime() throws {
        try withTemporaryDirectory { root in
            let manager = try manager(root)
            let logs = try ["a", "b"].map { try topic($0, manager, keys: 2) }
            let cleaner = LogCleaner(manager, calls: .withoutWaiting)
            var runs = 0
            var cleaned: [TopicPartition] = []
            while cleaner.isDue(now: 1_000), runs < 1_000 {
                for (partition, result) in cleaner.run(now: 1_000, bytesMax: 500) {
                    #expect(try result.get().recordsRemoved == 58)
                    cleaned.append(partition)
                }
                runs += 1
            }
            #expect(runs > 10)
            #expect(cleaned == [TopicPartition(topic: "a", partition: 0), TopicPartition(topic: "b", partition: 0)])
            for log in logs { #expect(try log.records().map(\.value) == ["58", "59"]) }
            #expect(cleaner.isDue(now: 2_000), "it looks again")
        }
    }

    @Test func aLogThatFailsDoesNotHoldUpTheOthers() throws {
        try withTemporaryDirectory { root in
            let manager = try manager(root)
            try topic("a", manager, keys: 2)
            try topic("b", manager, keys: 2)
            let first = try #require(try root.appending("a-0").files("log").first)
            var bytes = try first.contents()
            bytes[78] ^= 1
            try first.replaceContents(bytes)
            let cleaner = LogCleaner(manager, calls: .withoutWaiting)
            let outcomes = cleaner.run(now: 1_000, bytesMax: 1 << 20)
            #expect(outcomes.map(\.partition.topic) == ["a", "b"])
            #expect(throws: LogError.self) { try outcomes[0].result.get() }
            #expect(try outcomes[1].result.get().recordsRemoved == 58)
            #expect(cleaner.run(now: 30_000, bytesMax: 1 << 20).isEmpty, "it is left alone for a while")
            #expect(cleaner.run(now: 61_001, bytesMax: 1 << 20).count == 1)
        }
    }

    @Test func aTopicCanBeDeletedMeanwhile() throws {
        try withTemporaryDirectory { root in
            let manager = try manager(root)
            try topic("a", manager, keys: 2)
            let cleaner = LogCleaner(manager, calls: .withoutWaiting)
            #expect(cleaner.run(now: 1_000, bytesMax: 1_000).isEmpty)
            try manager.deleteTopic("a")
            #expect(
                cleaner.run(now: 1_000, bytesMax: 1 << 20).allSatisfy { (try? $0.result.get().cleanedOffset) == nil }
            )
            try topic("a", manager, keys: 3)
            #expect(cleaner.run(now: 3_000, bytesMax: 1 << 20).count == 1)
            cleaner.stop()
            #expect(cleaner.run(now: 9_000, bytesMax: 1 << 20).isEmpty)
        }
    }

    /// Whatever is cleaned meanwhile, a reader sees each newest record, in order, and nothing that was not appended.
    @Test func aReaderAndAWriterGoOnBesideIt() async throws {
        try await withTemporaryDirectory { root in
            let manager = try manager(root)
            let log = try topic("a", manager, keys: 5)
            let cleaner = LogCleaner(manager, calls: .withoutWaiting)
            let progress = Progress()
            try await withThrowingTaskGroup { group in
                group.addTask {
                    var now: Int64 = 2_000
                    while !progress.isDone.load(ordering: .relaxed) {
                        now += 2_000
                        try log.sealAll()
                        for outcome in cleaner.run(now: now, bytesMax: 1 << 20) {
                            #expect(try outcome.result.get().cleanedOffset != nil)
                            progress.cleanings.add(1, ordering: .relaxed)
                        }
                        await Task.yield()
                    }
                }
                group.addTask {
                    defer { progress.isDone.store(true, ordering: .relaxed) }
                    // Time stamps are offsets, so that a search by time is checked as well.
                    for number in 1...3_000 {
                        let end = log.endOffset
                        try log.append([(key: "\(end % 5)", value: "\(end)")], timestamp: end)
                        if end % 50 == 0 { await Task.yield() }
                        guard number % 500 == 0 else { continue }
                        // So that there is cleaning beside it, however slow the other task is.
                        let cleanings = progress.cleanings.load(ordering: .relaxed)
                        while progress.cleanings.load(ordering: .relaxed) == cleanings {
                            try Task.checkCancellation()
                            await Task.yield()
                        }
                    }
                }
                group.addTask {
                    var next: Int64 = 0
                    while !progress.isDone.load(ordering: .relaxed) || next < log.endOffset {
                        guard let slice = try log.read(from: next, maxBytes: 700) else {
                            await Task.yield()
                            continue
                        }
                        var bytes = try slice.bytes()
                        while bytes.readableBytes > 0 {
                            let header = try RecordBatchHeader(bytes)
                            guard let batch = bytes.readSlice(length: header.totalByteCount) else { throw CutBatch() }
                            try header.verify(batch.readableBytesSpan)
                            for record in try batch.records() {
                                #expect(record.value == "\(record.offset)")
                                #expect(record.key == "\(record.offset % 5)")
                            }
                            next = max(next, header.nextOffset)
                        }
                        let found = try log.offset(forTimestamp: max(60, next - 20))
                        #expect((found?.offset ?? .max) >= max(60, next - 20))
                    }
                    #expect(next == log.endOffset)
                }
                try await group.waitForAll()
            }
            #expect(progress.cleanings.load(ordering: .relaxed) > 3)
            let records = try log.records()
            #expect(Set(records.map(\.offset)).isSuperset(of: log.endOffset - 5..<log.endOffset))
        }
    }
}
