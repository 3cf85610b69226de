import Files
import Foundation
import KafkaProtocol
import NIOCore
import PipelineTesting
import Synchronization
import SystemPackage
import Testing

@testable import CommitLog

/// After a crash a log is read from the last recovery point on.
@Suite(.timeLimit(.minutes(5)))
struct RecoveryPointTests {
    /// Large segments, and a point as soon as a hundred kilobytes are there.
    private let configuration = {
        var configuration = LogConfiguration()
        configuration.retentionMilliseconds = nil
        configuration.recoveryPointBytes = 100_000
        return configuration
    }()

    private func opened(_ path: FilePath, calls: DiskCalls = .withoutWaiting) throws -> (
        log: PartitionLog, report: RecoveryReport
    ) {
        try PartitionLog.open(directory: path, configuration: configuration, now: 1_000, calls: calls)
    }

    /// Appends batches of ten kilobytes, of one producer.
    private func append(_ numbers: Range<Int>, to log: PartitionLog, producer: Int64 = 7) throws {
        for number in numbers {
            let time = Int64(1_000 + number)
            try log.append(
                TestBatch(
                    timestamps: [time],
                    producerID: producer,
                    baseSequence: Int32(number),
                    valueBytes: 10_000,
                    tag: "\(number)"
                )
            )
        }
    }

    private func maintain(_ log: PartitionLog, after milliseconds: Int64 = 30_000) throws {
        let report = try log.maintain(now: 1_000 + milliseconds)
        #expect(report.failure == nil)
    }

    private func checkpoint(_ path: FilePath) throws -> PartitionCheckpoint? {
        guard case .verified(let checkpoint) = try PartitionCheckpoint.load(from: path, disk: Disk()) else {
            return nil
        }
        return checkpoint
    }

    private func logFile(_ path: FilePath) throws -> FilePath { try #require(try path.files("log").first) }

    @Test func afterAKillOnlyWhatCameAfterThePointIsRead() throws {
        try withTemporaryDirectory { path in
            let log = try opened(path).log
            try append(0..<1_000, to: log)
            try maintain(log)
            let noted = log.byteCount
            try append(1_000..<1_010, to: log)
            let reads = ReadCount()
            let (again, report) = try opened(path, calls: reads.calls)
            #expect(!report.wasClean)
            #expect(report.bytesChecked == again.byteCount - noted)
            #expect(noted > 10_000_000)
            #expect(reads.byteCount < 700_000, "the tail, a few times, and small state")
            #expect(again.endOffset == 1_010)
            #expect(try again.allBatches() == log.allBatches())
            for number in [0, 1, 500, 999, 1_000, 1_009] as [Int64] {
                #expect(try again.offset(forTimestamp: 1_000 + number)?.offset == number)
            }
            #expect(again.producers.map(\.state.batches) == log.producers.map(\.state.batches))
            // It goes on, and so do its points.
            try append(1_010..<1_100, to: again)
            try maintain(again, after: 60_000)
            #expect(try checkpoint(path)?.recoveryPoint?.endOffset == 1_100)
            let third = try opened(path)
            #expect(third.report.bytesChecked == 0)
            #expect(try third.log.allBatches() == again.allBatches())
        }
    }

    @Test func aLogWithoutProducersNeedsNoSnapshotOfThem() throws {
        try withTemporaryDirectory { path in
            let log = try opened(path).log
            for number in 0..<100 { try log.append(TestBatch(valueBytes: 10_000, tag: "\(number)")) }
            try maintain(log)
            #expect(try path.files("snapshot").isEmpty)
            let reads = ReadCount()
            let (again, _) = try opened(path, calls: reads.calls)
            #expect(again.endOffset == 100)
            #expect(reads.byteCount < 50_000)
        }
    }

    @Test func aPointIsNotedWhenEnoughWasAppendedLongEnoughAgo() throws {
        try withTemporaryDirectory { path in
            let log = try opened(path).log
            try append(0..<5, to: log)
            try maintain(log)
            #expect(try checkpoint(path) == nil, "too little")
            try append(5..<20, to: log)
            try maintain(log, after: 29_999)
            #expect(try checkpoint(path) == nil, "too early")
            try maintain(log)
            let first = try #require(try checkpoint(path)?.recoveryPoint)
            #expect(first.endOffset == 20)
            #expect(log.flushedOffset == 20)
            try append(20..<40, to: log)
            try maintain(log, after: 59_999)
            #expect(try checkpoint(path)?.recoveryPoint == first)
            try maintain(log, after: 60_000)
            #expect(try checkpoint(path)?.recoveryPoint?.endOffset == 40)
        }
    }

    @Test func aLogThatIsClosedAndOpenedIsReadFromItsEndOn() throws {
        try withTemporaryDirectory { path in
            let log = try opened(path).log
            try append(0..<50, to: log)
            try log.close()
            let (second, report) = try opened(path)
            #expect(report == RecoveryReport())
            try append(50..<60, to: second)
            let (third, crashed) = try opened(path)
            #expect(crashed.bytesChecked == third.byteCount - log.byteCount)
            #expect(third.leaderEpoch == 1)
            // The point still holds, also where another crash follows at once.
            #expect(try opened(path).report.bytesChecked == crashed.bytesChecked)
            #expect(try third.allBatches() == second.allBatches())
            #expect(try third.offset(forTimestamp: 1_055)?.offset == 55)
        }
    }

    @Test(arguments: ["index", "timeindex"], [0, 1])
    func whereAnIndexIsDamagedTheSegmentIsReadAsAWhole(name: String, way: Int) throws {
        try withTemporaryDirectory { path in
            let log = try opened(path).log
            try append(0..<50, to: log)
            try maintain(log)
            let file = try #require(try path.files(name).first)
            var bytes = try file.contents()
            if way == 0 { bytes[3] ^= 1 } else { bytes.removeLast() }
            try file.replaceContents(bytes)
            let (again, report) = try opened(path)
            #expect(report.bytesChecked == again.byteCount)
            #expect(report.damages.isEmpty)
            #expect(try again.allBatches() == log.allBatches())
            try append(50..<100, to: again)
            try maintain(again, after: 60_000)
            #expect(try opened(path).report.bytesChecked == 0)
        }
    }

    @Test(arguments: [true, false])
    func damageBeforeThePointIsFoundWhenItIsRead(closes: Bool) throws {
        try withTemporaryDirectory { path in
            let log = try opened(path).log
            try append(0..<50, to: log)
            try maintain(log)
            let batchBytes = log.byteCount / 50
            let file = try logFile(path)
            var bytes = try file.contents()
            // The length and more, of the eleventh batch.
            for place in 8..<40 { bytes[10 * batchBytes + place] = 0xEE }
            try file.replaceContents(bytes)
            let (again, report) = try opened(path)
            #expect(report.damages.isEmpty && report.bytesChecked == 0)
            #expect(try again.read(from: 10, maxBytes: 1)?.baseOffset == 11, "readers get past it")
            #expect(try again.maintain(now: 1_000).damage != nil)
            try append(50..<100, to: again)
            if closes { try again.close() }
            #expect(try checkpoint(path)?.recoveryPoint == nil, "no point hides it")
            let (repaired, found) = try opened(path)
            #expect(found.damages.count == 1)
            #expect(found.gaps == [10..<11])
            #expect(repaired.endOffset == 100)
        }
    }

    @Test(arguments: [0, 30, 49])
    func aLogThatIsShorterThanItsPointLostItsEnd(batches: Int) throws {
        try withTemporaryDirectory { path in
            let log = try opened(path).log
            try append(0..<50, to: log)
            try maintain(log)
            let batchBytes = log.byteCount / 50
            let file = try logFile(path)
            try file.replaceContents(try file.contents().prefix(batches * batchBytes))
            let (again, report) = try opened(path)
            #expect(report.gaps == [Int64(batches)..<again.endOffset])
            #expect(again.endOffset >= 50, "no offset is given again")
        }
    }

    @Test func aTornBatchAfterThePointIsCut() throws {
        try withTemporaryDirectory { path in
            let log = try opened(path).log
            try append(0..<50, to: log)
            try maintain(log)
            let kept = try log.allBatches()
            try append(50..<51, to: log)
            let file = try logFile(path)
            try file.replaceContents(try file.contents().dropLast(17))
            let (again, report) = try opened(path)
            #expect(report.bytesCut > 0 && report.damages.isEmpty)
            #expect(try again.allBatches() == kept)
        }
    }

    @Test func damageAfterThePointIsSetAside() throws {
        try withTemporaryDirectory { path in
            let log = try opened(path).log
            try append(0..<50, to: log)
            try maintain(log)
            let noted = log.byteCount
            try append(50..<60, to: log)
            let file = try logFile(path)
            var bytes = try file.contents()
            bytes[noted + 5_000] ^= 1
            try file.replaceContents(bytes)
            let (again, report) = try opened(path)
            #expect(report.damages.count == 1)
            #expect(report.gaps == [50..<51])
            #expect(again.endOffset == 60)
            #expect(try again.allBatches().count == 60)
            #expect(try again.offset(forTimestamp: 1_055)?.offset == 55)
        }
    }

    /// A crash between any two writes of a point leaves the one before it.
    @Test func aFailureAtAnyStepLeavesThePointBefore() throws {
        try withTemporaryDirectory { path in
            var hasFailed = true
            var step = 0
            while hasFailed {
                let directory = path.appending("log-\(step)")
                let failing = FailingCall()
                let log = try opened(directory, calls: failing.calls).log
                try append(0..<20, to: log)
                try maintain(log)
                try append(20..<40, to: log)
                failing.fail(after: step)
                hasFailed = try log.maintain(now: 100_000).failure != nil
                let (again, report) = try opened(directory)
                #expect(report.damages.isEmpty && report.gaps.isEmpty)
                #expect(report.bytesChecked <= again.byteCount / 2, "step \(step)")
                #expect(again.endOffset == 40)
                #expect(again.producers.map(\.state.batches.last) == log.producers.map(\.state.batches.last))
                step += 1
            }
            #expect(step > 5)
        }
    }

    @Test func itsFormIsFixed() throws {
        let point = RecoveryPoint(
            segment: 65_536,
            bytes: 33_554_432,
            endOffset: 70_211,
            hasProducers: true,
            offsets: .init(count: 8_190, crc32c: 2_587_886_078),
            times: .init(count: 31, crc32c: 19_088_743)
        )
        let text = #"""
            {
              "bytes" : 33554432,
              "endOffset" : 70211,
              "hasProducers" : true,
              "offsets" : {
                "count" : 8190,
                "crc32c" : 2587886078
              },
              "segment" : 65536,
              "times" : {
                "count" : 31,
                "crc32c" : 19088743
              }
            }

            """#
        #expect(String(decoding: JSONState.bytes(point), as: UTF8.self) == text)
        #expect(JSONState.value(RecoveryPoint.self, Array(text.utf8)) == point)
        #expect(point.isPossible)
        let far = RecoveryPoint(
            segment: 0,
            bytes: 1,
            endOffset: .max,
            hasProducers: false,
            offsets: .init(),
            times: .init()
        )
        #expect(!far.isPossible)
    }
}

/// A disk that counts what is read.
final class ReadCount: Sendable {
    private let bytes = Atomic(0)

    var byteCount: Int { bytes.load(ordering: .relaxed) }

    var calls: DiskCalls {
        var calls = DiskCalls.withoutWaiting
        calls.read = { [self] descriptor, room, position throws(Errno) in
            let count = try DiskCalls.system.read(descriptor, room, position)
            bytes.add(count, ordering: .relaxed)
            return count
        }
        return calls
    }
}
