import CommitLog
import KafkaProtocol
import NIOCore
import PipelineTesting
import Synchronization
import SystemPackage
import Testing

/// A disk that can be told to fail.
private final class FailingDisk: Sendable {
    struct State {
        /// Bytes that still fit; `nil` for any number.
        var room: Int?
        /// The most that one call writes.
        var bytesPerWrite = Int.max
        var failsToSynchronize = false
        var synchronizations = 0
    }

    let state = Mutex(State())

    var calls: DiskCalls {
        var calls = DiskCalls.system
        let system = DiskCalls.system
        calls.write = { [self] descriptor, head, body, position throws(DiskFailure) in
            let (room, most) = state.withLock { ($0.room, $0.bytesPerWrite) }
            if room == 0 { throw DiskFailure(number: Errno.noSpace.rawValue) }
            let limit = min(room ?? .max, most)
            let headPart = UnsafeRawBufferPointer(rebasing: head.prefix(limit))
            let bodyPart = UnsafeRawBufferPointer(rebasing: body.prefix(limit - headPart.count))
            let count = try system.write(descriptor, headPart, bodyPart, position)
            state.withLock { state in
                if let room = state.room { state.room = room - count }
            }
            return count
        }
        calls.synchronize = { [self] descriptor throws(DiskFailure) in
            let fails = state.withLock { state in
                state.synchronizations += 1
                return state.failsToSynchronize
            }
            if fails { throw DiskFailure(number: Errno.ioError.rawValue) }
            try system.synchronize(descriptor)
        }
        return calls
    }
}

@Suite(.timeLimit(.minutes(5)))
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
                #expect(error?.isRetriable == true)
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
            let error = #expect(throws: LogError.self) { try log.append(TestBatch()) }
            #expect(error?.code == .storageFailed)
            #expect(try log.allBatches().count == 1, "what is there can be read")
            #expect(throws: LogError.self) { try log.close() }
            let (again, report) = try PartitionLog.open(directory: path, configuration: .small, now: 1)
            #expect(!report.wasClean)
            #expect(try again.append(TestBatch()).baseOffset == 1)
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
