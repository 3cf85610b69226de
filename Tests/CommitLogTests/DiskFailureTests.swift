import CommitLog
import NIOCore
import PipelineTesting
import Synchronization
import SystemPackage
import Testing

@Suite(.timeLimit(.minutes(15)))
struct DiskFailureTests {
    @Test func writesInPiecesAreOneBatch() throws {
        try withTemporaryDirectory { path in
            let disk = FailingDisk()
            disk.state.withLock { $0.bytesPerWrite = 7 }
            let log = try PartitionLog.opened(path, calls: disk.calls)
            for index in 0..<20 { try log.append(TestBatch(tag: "\(index)")) }
            #expect(try log.allBatches().count == 20)
            #expect(try PartitionLog.opened(path).allBatches() == log.allBatches())
        }
    }

    @Test func aFullDiskLeavesNothingHalfWritten() throws {
        try withTemporaryDirectory { path in
            let size = TestBatch().buffer.readableBytes
            for room in 0..<size {
                let directory = path.appending("\(room)")
                let disk = FailingDisk()
                let log = try PartitionLog.opened(directory, calls: disk.calls)
                try log.append(TestBatch(producerID: 3))
                disk.state.withLock { $0.room = room }
                let error = #expect(throws: LogError.self) {
                    try log.append(TestBatch(producerID: 3, baseSequence: 1))
                }
                #expect(error?.code == .storageFull)
                #expect(log.endOffset == 1)
                #expect(try directory.files("log").first?.contents().count == size)
                disk.state.withLock { $0.room = nil }
                #expect(try log.append(TestBatch(producerID: 3, baseSequence: 1)).baseOffset == 1)
                let report = try PartitionLog.open(directory: directory, configuration: .small, now: 1).report
                #expect(report.bytesCut == 0)
            }
        }
    }

    @Test func afterAFailedFlushTheLogTakesNoBatches() throws {
        try withTemporaryDirectory { path in
            let disk = FailingDisk()
            let log = try PartitionLog.opened(path, calls: disk.calls)
            try log.append(TestBatch())
            disk.state.withLock { $0.failsToSynchronize = true }
            #expect(throws: LogError.self) { try log.flush() }
            disk.state.withLock { $0.failsToSynchronize = false }
            #expect(throws: LogError.self, "the pages are gone, though the device says nothing any more") {
                try log.flush()
            }
            #expect(log.flushedOffset == 0)
            let error = #expect(throws: LogError.self) { try log.append(TestBatch()) }
            #expect(error?.code == .storageFailed)
            #expect(try log.allBatches().count == 1, "what is there can be read")
            #expect(throws: LogError.self) { try log.close() }
            let (again, report) = try PartitionLog.open(directory: path, configuration: .small, now: 1)
            #expect(!report.wasClean)
            #expect(try again.append(TestBatch()).baseOffset == 1)
        }
    }

    @Test func aFileThatCannotBeOpenedPutsTheFlushOff() throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path)
            while log.segmentCount == 1 { try log.append(TestBatch()) }
            let index = try #require(try path.files("index").first)
            let away = path.appending("away")
            try index.move(to: away)
            #expect(throws: LogError.self) { try log.flush() }
            try log.append(TestBatch())
            try away.move(to: index)
            try log.flush()
            #expect(log.flushedOffset == log.endOffset)
        }
    }

    @Test func whatWasAppendedUnderAnotherPolicyIsForcedByMaintenance() throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path)
            try log.maintain(now: 1)
            try log.append(TestBatch())
            try log.maintain(now: 1)
            #expect(log.flushedOffset == 0)
            log.configure { $0.flushPolicy = .always }
            try log.maintain(now: 1)
            #expect(log.flushedOffset == 1)
        }
    }

    @Test func aSegmentMadeDuringAFlushIsInTheNextOne() throws {
        try withTemporaryDirectory { path in
            let disk = FailingDisk()
            let log = try PartitionLog.opened(path, calls: disk.calls)
            try log.append(TestBatch())
            disk.state.withLock { state in
                state.duringFlush = { while log.segmentCount == 1, (try? log.append(TestBatch())) != nil {} }
            }
            try log.flush()
            #expect(log.segmentCount == 2)
            let before = disk.state.withLock { $0.synchronizedDirectories.count }
            try log.flush()
            #expect(disk.state.withLock { $0.synchronizedDirectories.count } == before + 1, "its name is there too")
        }
    }

    @Test func thePolicyDecidesWhenTheDeviceIsWaitedFor() throws {
        try withTemporaryDirectory { path in
            func synchronizations(_ policy: FlushPolicy, _ body: (PartitionLog) throws -> Void) throws -> Int {
                let disk = FailingDisk()
                var configuration = LogConfiguration()
                configuration.flushPolicy = policy
                let log = try PartitionLog.opened(path.appending("\(policy)"), configuration, calls: disk.calls)
                try log.maintain(now: 0)
                let before = disk.state.withLock { $0.synchronizations }
                try body(log)
                return disk.state.withLock { $0.synchronizations } - before
            }
            let always = try synchronizations(.always) { log in
                try Self.appendThree(to: log)
                #expect(log.flushedOffset == 3)
            }
            let os = try synchronizations(.os) { log in
                try Self.appendThree(to: log)
                try log.maintain(now: 1_000_000)
                #expect(log.flushedOffset == 0)
            }
            let interval = try synchronizations(.interval(milliseconds: 100)) { log in
                try Self.appendThree(to: log)
                try log.maintain(now: 99)
                #expect(log.flushedOffset == 0)
                try log.maintain(now: 100)
                #expect(log.flushedOffset == 3)
                try log.maintain(now: 500)
            }
            #expect([always, os, interval] == [3, 0, 1])
        }
    }

    private static func appendThree(to log: PartitionLog) throws {
        for time in Int64(0)..<3 { try log.append(TestBatch(), now: time) }
    }
}
