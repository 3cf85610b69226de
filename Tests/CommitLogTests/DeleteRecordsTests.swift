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
                _ = try log.deleteRecords(before: start)
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
