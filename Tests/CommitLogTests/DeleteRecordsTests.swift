import Files
import KafkaProtocol
import KafkaTopics
import PipelineTesting
import Synchronization
import SystemPackage
import Testing

@testable import CommitLog

@Suite(.timeLimit(.minutes(15)))
struct DeleteRecordsTests {
    /// Ten batches of three records each, two or three to a segment.
    private func filled(_ path: FilePath) throws -> PartitionLog {
        let log = try PartitionLog.opened(path)
        for index in 0..<10 { try log.append(TestBatch(timestamps: [1, 1, 1], valueBytes: 100, tag: "\(index)")) }
        #expect(log.segmentCount > 3)
        return log
    }

    @Test(arguments: [0, 1, 7, 15, 29] as [Int64])
    func theLogBeginsAtTheOffset(start: Int64) throws {
        try withTemporaryDirectory { path in
            let log = try filled(path)
            let segments = log.segmentCount
            #expect(try log.deleteRecords(before: start) == start)
            #expect(log.logStartOffset == start)
            #expect(log.endOffset == 30)
            if start > 0 {
                let error = #expect(throws: LogError.self) { try log.read(from: start - 1, maxBytes: 1) }
                #expect(error?.code == .offsetOutOfRange)
            }
            let first = try #require(try log.read(from: start, maxBytes: 1))
            #expect(first.baseOffset == start / 3 * 3, "the batch that has the record")
            #expect(log.segmentCount < segments || start < 9, "whole segments are gone")
            #expect(try log.offset(forTimestamp: 0)?.offset == start)
        }
    }

    @Test(arguments: [true, false])
    func theStartIsTheSameAfterARestart(closesInOrder: Bool) throws {
        try withTemporaryDirectory { path in
            for (index, start) in ([7, 30] as [Int64]).enumerated() {
                let directory = path.appending("log-\(index)")
                let log = try filled(directory)
                _ = try log.deleteRecords(before: start)
                if closesInOrder { try log.close() }
                let again = try PartitionLog.opened(directory)
                #expect(again.logStartOffset == start)
                #expect(again.endOffset == 30)
                #expect(try again.append(TestBatch()).baseOffset == 30)
            }
        }
    }

    @Test func allRecordsCanGoAndTheirSpaceWithThem() throws {
        try withTemporaryDirectory { path in
            let log = try filled(path)
            #expect(try log.deleteRecords(before: 30) == 30)
            #expect(log.byteCount == 0)
            #expect(try path.files("log").count == 1)
            #expect(try log.read(from: 30, maxBytes: 1) == nil)
            #expect(try log.append(TestBatch()).baseOffset == 30)
        }
    }

    @Test func theNewestRecordIsOneThatIsLeft() throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path)
            for time: Int64 in [9, 5, 3] { try log.append(TestBatch(timestamps: [time])) }
            #expect(log.segmentCount == 1)
            _ = try log.deleteRecords(before: 1)
            #expect(try log.offsetOfLargestTimestamp() == TimestampedOffset(offset: 1, timestamp: 5))
            _ = try log.deleteRecords(before: 3)
            #expect(try log.offsetOfLargestTimestamp() == nil)
        }
    }

    @Test func theStartNeverGoesBack() throws {
        try withTemporaryDirectory { path in
            let log = try filled(path)
            _ = try log.deleteRecords(before: 20)
            #expect(try log.deleteRecords(before: 5) == 20)
            #expect(log.logStartOffset == 20)
        }
    }

    @Test(arguments: [-1, -2, 31, .max] as [Int64])
    func offsetsOutsideOfTheLogAreRefused(offset: Int64) throws {
        try withTemporaryDirectory { path in
            let log = try filled(path)
            let error = #expect(throws: LogError.self) { try log.deleteRecords(before: offset) }
            #expect(error?.code == .offsetOutOfRange)
            #expect(log.logStartOffset == 0)
        }
    }

    @Test func aLogThatIsClosedDeletesNothing() throws {
        try withTemporaryDirectory { path in
            let log = try filled(path)
            try log.close()
            let error = #expect(throws: LogError.self) { try log.deleteRecords(before: 3) }
            #expect(error?.code == .closed)
        }
    }

    /// Also where there is no room for the segment that would follow.
    @Test func recordsGoOnAFullDiskToo() throws {
        try withTemporaryDirectory { path in
            let disk = FailingDisk()
            let log = try PartitionLog.opened(path, calls: disk.calls)
            for index in 0..<10 { try log.append(TestBatch(timestamps: [1, 1, 1], valueBytes: 100, tag: "\(index)")) }
            let before = log.byteCount
            disk.state.withLock { $0.room = 0 }
            _ = try? log.deleteRecords(before: 30)
            #expect(log.logStartOffset == 30)
            #expect(log.byteCount < before)
            disk.state.withLock { $0.room = nil }
            #expect(try log.deleteRecords(before: 30) == 30)
            #expect(log.byteCount == 0)
            #expect(try PartitionLog.opened(path).logStartOffset == 30)
        }
    }

    /// Once the answer is out, no power cut brings the records back or makes the log forget where it ends.
    @Test(arguments: Seeds.chosen(Array(1...20)))
    func whatWasDeletedStaysDeletedAfterAPowerCut(seed: UInt64) throws {
        try withSeed(seed) { generator in
            try withTemporaryDirectory { path in
                let root = path.appending("before")
                try root.makeDirectory()
                let disk = try PowerLoss(below: root)
                let partition = TopicPartition(topic: "a", partition: 0)
                func opened(_ root: FilePath, _ calls: DiskCalls, boot: String) throws -> LogManager {
                    try LogManager.open(root: root, defaults: .small, readings: .inBoot(boot), calls: calls).manager
                }
                let manager = try opened(root, disk.calls, boot: "1")
                _ = try manager.begin()
                try manager.createTopic("a", partitions: 1, now: 1_000)
                let log = try #require(manager.log(for: partition))
                for index in 0..<10 {
                    try log.append(TestBatch(timestamps: [1, 1, 1], valueBytes: 100, tag: "\(index)"))
                }
                if Bool.random(using: &generator) { try log.flush() }
                let start = generator.chance(1, in: 2) ? 30 : Int64.random(in: 1...30, using: &generator)
                if Bool.random(using: &generator) {
                    _ = try log.deleteRecords(before: start)
                } else {
                    #expect(try manager.deleteRecords(before: [partition: start])[partition]?.get() == start)
                }
                let after = path.appending("after")
                let cut = disk.operationCount
                for _ in 0..<Int.random(in: 0...3, using: &generator) { try log.append(TestBatch()) }
                try disk.materialize(
                    in: after,
                    after: Int.random(in: cut...disk.operationCount, using: &generator),
                    using: &generator
                )
                let again = try #require(try opened(after, .withoutWaiting, boot: "2").log(for: partition))
                #expect(again.logStartOffset >= start)
                #expect(again.endOffset >= 30)
                for batch in try again.allBatches() where try RecordBatchHeader(batch).recordCount > 0 {
                    #expect(try RecordBatchHeader(batch).lastOffset >= start)
                }
            }
        }
    }
}

/// Records of many partitions are deleted together.
@Suite(.timeLimit(.minutes(5)))
struct DeleteManyRecordsTests {
    private func opened(_ path: FilePath, calls: DiskCalls = .withoutWaiting) throws -> LogManager {
        let manager = try LogManager.open(root: path, defaults: .small, readings: .inBoot("one"), calls: calls).manager
        _ = try manager.begin()
        return manager
    }

    /// The root as a crash leaves it: the copy, as the process has the other one locked.
    private func crashed(_ root: FilePath) throws -> FilePath {
        let copy = FilePath(root.string + "-after")
        try root.copyTree(to: copy)
        return copy
    }

    private func partition(_ number: Int32) -> TopicPartition { TopicPartition(topic: "a", partition: number) }

    /// Partitions of ten batches with three records each.
    private func filled(_ path: FilePath, partitions: Int32, calls: DiskCalls = .withoutWaiting) throws -> LogManager {
        let manager = try opened(path, calls: calls)
        try manager.createTopic("a", partitions: partitions, now: 1_000)
        for (_, log) in manager.logs {
            for index in 0..<10 { try log.append(TestBatch(timestamps: [1, 1, 1], valueBytes: 100, tag: "\(index)")) }
        }
        return manager
    }

    @Test func whereTheyBeginIsOneWrite() throws {
        try withTemporaryDirectory { directory in
            let path = directory.appending("root")
            let waits = Atomic(0)
            var calls = DiskCalls.system
            calls.synchronize = { _ in waits.add(1, ordering: .relaxed) }
            let manager = try filled(path, partitions: 40, calls: calls)
            let before = waits.load(ordering: .relaxed)
            let wanted = Dictionary(uniqueKeysWithValues: (0..<40).map { (partition($0), Int64($0 % 31)) })
            let results = manager.deleteRecords(before: wanted)
            #expect(try results.mapValues { try $0.get() } == wanted)
            // The file and its name.
            #expect(waits.load(ordering: .relaxed) - before == 2)
            #expect(manager.deleteRecords(before: wanted).count == 40)
            #expect(waits.load(ordering: .relaxed) - before == 2, "nothing is new")
            let after = try crashed(path)
            let again = try opened(after)
            for (partition, log) in again.logs {
                #expect(log.logStartOffset == wanted[partition])
                #expect(log.endOffset == 30)
            }
            try again.close()
            #expect(try opened(after).logs.allSatisfy { $0.log.logStartOffset == wanted[$0.partition] })
        }
    }

    @Test func eachIsAnsweredForItself() throws {
        try withTemporaryDirectory { directory in
            let path = directory.appending("root")
            let manager = try filled(path, partitions: 3)
            let results = manager.deleteRecords(before: [
                partition(0): 7, partition(1): 31, partition(2): -2, partition(3): 1,
            ])
            let codes = (0..<4).map { number -> LogError.Code? in
                if case .failure(let error) = results[partition(Int32(number))] { error.code } else { nil }
            }
            #expect(codes == [nil, .offsetOutOfRange, .offsetOutOfRange, .unknownTopic])
            #expect(manager.logs.map(\.log.logStartOffset) == [7, 0, 0])
        }
    }

    @Test func filesGoWhenTheNamesOfNewSegmentsAreOnTheDevice() throws {
        try withTemporaryDirectory { directory in
            let path = directory.appending("root")
            let manager = try filled(path, partitions: 2)
            for (_, log) in manager.logs { try log.flush() }
            let directories = manager.logs.map(\.log.directory)
            let files = try directories[1].files("log").count
            _ = manager.deleteRecords(before: [partition(0): 20, partition(1): 30])
            #expect(try directories[0].files("log").count == manager.logs[0].log.segmentCount)
            #expect(
                try directories[1].files("log").count == files + 1,
                "the empty one may not be there after a power cut"
            )
            manager.maintain(now: 1_000)
            #expect(try directories[1].files("log").count == 1)
            #expect(try opened(try crashed(path)).logs.map(\.log.logStartOffset) == [20, 30])
        }
    }

    @Test func aTopicThatIsMadeAgainBeginsAtItsBeginning() throws {
        try withTemporaryDirectory { directory in
            let path = directory.appending("root")
            let manager = try filled(path, partitions: 2)
            _ = manager.deleteRecords(before: [partition(0): 20, partition(1): 30])
            try manager.deleteTopic("a")
            try manager.createTopic("a", partitions: 2, now: 1_000)
            for (_, log) in manager.logs { try log.append(TestBatch()) }
            let again = try opened(try crashed(path))
            #expect(again.logs.map(\.log.logStartOffset) == [0, 0])
            #expect(again.logs.map(\.log.endOffset) == [1, 1])
        }
    }

    @Test func aFailureAtAnyStepBringsNothingBack() throws {
        try withTemporaryDirectory { directory in
            let path = directory.appending("root")
            var step = 0
            var isOver = false
            while !isOver {
                let root = FilePath("\(path)-\(step)")
                let failing = FailingCall()
                let manager = try filled(root, partitions: 3, calls: failing.calls)
                failing.fail(after: step)
                let results = manager.deleteRecords(before: [partition(0): 7, partition(1): 30])
                isOver = !failing.hasFailed
                let again = try LogManager.open(root: try crashed(root), defaults: .small, readings: .inBoot("one"))
                #expect(again.report.recoveries.values.allSatisfy { !$0.hasLoss }, "step \(step)")
                for (partition, result) in results {
                    let log = try #require(again.manager.log(for: partition))
                    #expect(log.endOffset == 30, "step \(step)")
                    if let wanted = try? result.get() { #expect(log.logStartOffset == wanted, "step \(step)") }
                }
                step += 1
            }
        }
    }
}
