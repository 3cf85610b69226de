import Checksums
import Files
import Foundation
import KafkaProtocol
import KafkaTopics
import NIOCore
import PipelineTesting
import Synchronization
import SystemPackage
import Testing

@testable import CommitLog

/// Roots with many partitions, and logs of many bytes.
@Suite(.timeLimit(.minutes(15)))
struct LargeRootTests {
    private func opened(
        _ path: FilePath,
        boot: String = "one",
        calls: DiskCalls = .withoutWaiting,
        openSegmentsMax: Int = LogLimits.openSegmentsMax
    ) throws -> (manager: LogManager, report: OpeningReport) {
        let result = try LogManager.open(
            root: path,
            defaults: .small,
            readings: .inBoot(boot),
            calls: calls,
            openSegmentsMax: openSegmentsMax
        )
        _ = try result.manager.begin()
        return result
    }

    private func partition(_ number: Int32) -> TopicPartition { TopicPartition(topic: "a", partition: number) }

    // MARK: Closing

    /// How often a root of so many partitions waits for the device when it is closed.
    private func waits(_ count: Int32, appendsTo changed: [Int32], _ path: FilePath, boot: String) throws -> Int {
        let waits = Atomic(0)
        var calls = DiskCalls.system
        calls.synchronize = { _ in waits.add(1, ordering: .relaxed) }
        let (manager, report) = try opened(path, boot: boot, calls: calls)
        #expect(report.recoveries.isEmpty, "every log was closed in order")
        for number in changed { try #require(manager.log(for: partition(number))).append(TestBatch()) }
        let before = waits.load(ordering: .relaxed)
        try manager.close()
        return waits.load(ordering: .relaxed) - before
    }

    @Test func logsThatDidNotChangeAreClosedByOneWrite() throws {
        try withTemporaryDirectory { path in
            let manager = try opened(path).manager
            try manager.createTopic("a", partitions: 30, now: 1)
            for (_, log) in manager.logs.prefix(20) { try log.append(TestBatch()) }
            try manager.close()
            // The file of the openings, and its name.
            #expect(try waits(30, appendsTo: [], path, boot: "two") == 2)
            #expect(try waits(30, appendsTo: [], path, boot: "three") == 2)
            let few = try waits(30, appendsTo: [3], path, boot: "four")
            #expect(try waits(30, appendsTo: [3, 4, 25], path, boot: "five") == 2 + 3 * (few - 2))
            let (again, report) = try opened(path, boot: "six")
            #expect(report.recoveries.isEmpty)
            #expect([0, 3, 4, 20, 25].map { again.log(for: partition($0))?.endOffset } == [1, 3, 2, 0, 1])
        }
    }

    @Test func aLogThatWasNotClosedAfterAnIdleOpeningIsInDoubt() throws {
        try withTemporaryDirectory { path in
            let manager = try opened(path).manager
            try manager.createTopic("a", partitions: 2, now: 1)
            try #require(manager.log(for: partition(0))).append(TestBatch())
            try manager.close()
            try opened(path, boot: "two").manager.close()
            let before = path.appending("reserved-offsets.json")
            #expect(String(decoding: try before.contents(), as: UTF8.self).contains("\"kept\""))
            // It is opened, and the power goes: the device may have what was there before.
            _ = try opened(path, boot: "three")
            #expect(!String(decoding: try before.contents(), as: UTF8.self).contains("\"kept\""))
            let copy = path.appending("copy")
            try copy.makeDirectory()
            for name in try FileManager.default.contentsOfDirectory(atPath: path.string) where name != "copy" {
                try path.appending(name).copyTree(to: copy.appending(name))
            }
            let (_, report) = try opened(copy, boot: "four")
            #expect(report.recoveries[partition(0)]?.wasClean == false)
            #expect(report.recoveries[partition(0)]?.gaps.isEmpty == false, "its offsets are not given again")
        }
    }

    // MARK: Descriptors

    /// The descriptors of this process for files below a directory.
    private func descriptors(below path: FilePath) throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count { name in
            let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(name)")
            return target?.hasPrefix(path.string + "/a-") == true
        }
    }

    @Test func fewSegmentsAreOpenAtATime() throws {
        try withTemporaryDirectory { path in
            let manager = try opened(path, openSegmentsMax: 10).manager
            try manager.createTopic("a", partitions: 40, now: 1)
            #expect(try descriptors(below: path) == 0, "nothing was appended")
            for round in 0..<30 {
                for (_, log) in manager.logs { try log.append(TestBatch(tag: "\(round)"), now: 1_000) }
                try #require(try descriptors(below: path) == 10)
            }
            for (_, log) in manager.logs {
                #expect(log.segmentCount > 1)
                #expect(try log.allBatches().count == 30)
                try log.flush()
            }
            try manager.close()
            let again = try opened(path, boot: "two", openSegmentsMax: 10).manager
            #expect(again.logs.allSatisfy { $0.log.endOffset == 30 })
            #expect(try descriptors(below: path) == 10, "those of the first manager")
        }
    }

    @Test func anIdleSegmentIsClosedAndOpenedAgain() throws {
        try withTemporaryDirectory { path in
            let manager = try opened(path, openSegmentsMax: 2).manager
            try manager.createTopic("a", partitions: 3, now: 1)
            let log = try #require(manager.log(for: partition(0)))
            try log.append(TestBatch(), now: 1_000)
            manager.maintain(now: 60_999)
            #expect(try descriptors(below: path) == 1)
            manager.maintain(now: 61_000)
            #expect(try descriptors(below: path) == 0)
            // The places are free again.
            for (_, log) in manager.logs { try log.append(TestBatch(), now: 61_000) }
            #expect(try descriptors(below: path) == 2)
            #expect(try log.allBatches().count == 2)
        }
    }

    @Test func aSegmentStaysOpenWhileItIsRead() throws {
        try withTemporaryDirectory { path in
            let manager = try opened(path, openSegmentsMax: 4).manager
            try manager.createTopic("a", partitions: 5, now: 1)
            for (_, log) in manager.logs { try log.append(TestBatch(), now: 1_000) }
            manager.maintain(now: 61_000)
            #expect(try descriptors(below: path) == 0)
            for (_, log) in manager.logs { _ = try log.read(from: 0, maxBytes: 1) }
            // The last quarter of the places is left to who appends.
            #expect(try descriptors(below: path) == 3)
            manager.maintain(now: 61_001)
            #expect(try descriptors(below: path) == 3)
            manager.maintain(now: 61_002)
            #expect(try descriptors(below: path) == 0)
        }
    }

    // MARK: Bytes

    /// 100 GB in 400 segments, sparse: but for its last batch a segment has no bytes. It was closed, or killed behind a recovery
    /// point.
    @Test(arguments: [true, false]) func aLargeLogIsOpenedWithoutReadingIt(wasClosed: Bool) throws {
        try withTemporaryDirectory { path in
            let log = path.appending("a-0")
            try log.makeDirectory()
            let disk = Disk(calls: .withoutWaiting)
            let (count, size, perSegment) = (400, 256 << 20, Int64(1_000))
            var index = RecoveryPoint.IndexPart()
            for number in 0..<count {
                let base = Int64(number) * perSegment
                var batch = GapBatch.afterLoss(base..<(base + perSegment), leaderEpoch: 0)
                let position = size - batch.readableBytes
                let file = try disk.open(log.appending(LogFileName(base, "log").text), .readWrite, options: .create)
                try file.write(batch.readableBytesSpan, at: position)
                batch.clear()
                OffsetIndexEntry(relativeOffset: 0, position: UInt32(position)).write(to: &batch)
                index = RecoveryPoint.IndexPart(count: 1, crc32c: CRC32C.checksum(of: batch.readableBytesSpan))
                try log.appending(LogFileName(base, "index").text).replaceContents(batch.readableBytesView)
                try log.appending(LogFileName(base, "timeindex").text).replaceContents([])
            }
            let end = Int64(count) * perSegment
            try ProducerSnapshot(offset: end, producers: [:]).save(in: log, disk: disk)
            let cleanEnd = PartitionCheckpoint.CleanEnd(
                segment: end - perSegment,
                bytes: size,
                endOffset: end,
                opening: nil
            )
            try PartitionCheckpoint(
                logStartOffset: 0,
                recoveryOffset: end - perSegment,
                cleanEnd: wasClosed ? cleanEnd : nil,
                recoveryPoint: RecoveryPoint(
                    segment: end - perSegment,
                    bytes: size,
                    endOffset: end,
                    hasProducers: false,
                    offsets: index,
                    times: .init()
                )
            ).save(in: log, disk: disk)
            let reads = ReadCount()

            let (opened, report) = try PartitionLog.open(
                directory: log,
                configuration: LogConfiguration(),
                now: 1,
                calls: reads.calls
            )
            #expect(report.wasClean == wasClosed)
            #expect(report.bytesChecked == 0 && report.gaps.isEmpty, "nothing was read through")
            #expect(reads.byteCount < 2_000 * count, "what an index has, and a batch, of each segment")
            #expect(opened.endOffset == end)
            #expect(opened.byteCount == count * size)
            #expect(try opened.read(from: end - 1, maxBytes: 1)?.baseOffset == end - perSegment)
            #expect(try opened.read(from: 1_500, maxBytes: 1)?.baseOffset == 1_000)
        }
    }
}
