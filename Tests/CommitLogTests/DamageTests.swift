import Checksums
import Files
import Foundation
import KafkaProtocol
import NIOCore
import PipelineTesting
import SystemPackage
import Testing

@testable import CommitLog

/// Damage in a log costs what it hits and nothing else, is kept for inspection, and lets readers get past it.
@Suite(.timeLimit(.minutes(15)))
struct DamageTests {
    /// The first 17 bytes of a batch are not checksummed: its place tells what they were. The rest cannot be had again.
    @Test func aChangedByteOfTheLastBatchCostsThatBatchAtMost() throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path)
            try log.append(TestBatch(tag: "kept"))
            let keptBytes = log.byteCount
            try log.append(TestBatch(tag: "lost"))
            let before = try log.allBatches()
            let file = try #require(try path.files("log").last)
            let bytes = try file.contents()
            for index in keptBytes..<bytes.count {
                try FileManager.default.removeItem(atPath: path.string)
                try path.makeDirectory()
                var changed = bytes
                changed[index] ^= 0x80
                try file.replaceContents(changed)
                let (again, report) = try PartitionLog.open(
                    directory: path,
                    configuration: .small,
                    now: 2,
                    calls: .withoutWaiting
                )
                #expect(report.damages.count == 1, "byte \(index)")
                #expect(report.bytesCut == 0)
                if index - keptBytes < 17 {
                    #expect(try again.allBatches() == before, "byte \(index)")
                    #expect(again.endOffset == 2)
                } else {
                    #expect(try again.allBatches().first == before.first, "byte \(index)")
                    #expect(again.endOffset == again.reservedOffset, "offset 1 is not given again")
                    #expect(report.gaps == [1..<again.endOffset])
                    let aside = try #require(report.damages.first?.setAside)
                    #expect(try aside.contents() == Array(changed[keptBytes...]))
                }
            }
        }
    }

    /// A CRC says nothing of what its fields may be. They are not taken for a batch whose first bytes are damaged.
    @Test func bytesWithARightChecksumThatCanBeNoBatchAreDamage() throws {
        try withTemporaryDirectory { path in
            let whole = path.appending("whole")
            let log = try PartitionLog.opened(whole)
            try log.append(TestBatch(tag: "kept"))
            let start = log.byteCount
            try log.append(TestBatch(tag: "lost"))
            let copy = path.appending("copy")
            try whole.copyTree(to: copy)
            let file = try #require(try copy.files("log").last)
            var bytes = try file.contents()
            let recordCount = start + 57
            bytes.replaceSubrange(recordCount..<(recordCount + 4), with: [0xFF, 0xFF, 0xFF, 0xFF])
            let checksum = CRC32C.checksum(of: Array(bytes[(start + 21)...]).span.bytes)
            for index in 0..<4 { bytes[start + 17 + index] = UInt8(truncatingIfNeeded: checksum >> (24 - 8 * index)) }
            try file.replaceContents(bytes)
            let (again, report) = try PartitionLog.open(
                directory: copy,
                configuration: .small,
                now: 2,
                calls: .withoutWaiting
            )
            #expect(try report.damages.map { try $0.setAside?.contents() } == [Array(bytes[start...])])
            #expect(report.gaps == [1..<again.endOffset])
            #expect(try again.allBatches().first == log.allBatches().first)
        }
    }

    @Test func aSegmentWithoutItsFirstBatchesBeginsWithAGap() throws {
        try withTemporaryDirectory { path in
            let whole = path.appending("whole")
            let log = try PartitionLog.opened(whole)
            try log.append(TestBatch(tag: "lost"))
            let start = log.byteCount
            for tag in ["two", "three"] { try log.append(TestBatch(tag: tag)) }
            let copy = path.appending("copy")
            try whole.copyTree(to: copy)
            let file = try #require(try copy.files("log").last)
            try file.replaceContents(Array(try file.contents()[start...]))
            let (again, report) = try PartitionLog.open(
                directory: copy,
                configuration: .small,
                now: 2,
                calls: .withoutWaiting
            )
            #expect(report.gaps == [0..<1])
            #expect(again.endOffset == 3)
            #expect(try again.allBatches().dropFirst() == log.allBatches().dropFirst())
        }
    }

    @Test func batchesAfterDamageKeepTheirOffsets() throws {
        try withTemporaryDirectory { path in
            let whole = path.appending("whole")
            let log = try PartitionLog.opened(whole)
            for index in 0..<30 {
                try log.append(TestBatch(timestamps: [Int64(index), Int64(index)], tag: "\(index)"))
            }
            let before = try log.allBatches()
            let files = try whole.files("log")
            #expect(files.count > 2)
            for (number, file) in files.enumerated() {
                let bytes = try file.contents()
                let base = Int64(file.stem ?? "") ?? 0
                // A byte of the records of the second batch of the segment.
                let size = before[0].readableBytes
                guard bytes.count > 2 * size else { continue }
                let copy = path.appending("copy-\(number)")
                try whole.copyTree(to: copy)
                var changed = bytes
                changed[size + 70] ^= 1
                let target = copy.appending(file.lastComponent?.string ?? "")
                try target.replaceContents(changed)
                let (again, report) = try PartitionLog.open(
                    directory: copy,
                    configuration: .small,
                    now: 2,
                    calls: .withoutWaiting
                )
                let lost = Int(base) / 2 + 1
                #expect(report.gaps == [base + 2..<base + 4])
                #expect(report.damages.map(\.bytes) == [size..<(2 * size)])
                let found = try again.allBatches().filter { try RecordBatchHeader($0).recordCount > 0 }
                var expected = before
                expected.remove(at: lost)
                #expect(found == expected)
                #expect(again.endOffset == 60)
                #expect(try again.append(TestBatch()).baseOffset == 60)
                // What was repaired is right from now on.
                let second = try PartitionLog.open(
                    directory: copy,
                    configuration: .small,
                    now: 2,
                    calls: .withoutWaiting
                )
                #expect(second.report.damages.isEmpty && second.report.gaps.isEmpty)
                #expect(second.log.endOffset == 61)
            }
        }
    }

    /// Bits flipped at random in the middle of a log cost the batches that they hit, and no other.
    @Test(arguments: Seeds.chosen(Array(1...30)))
    func damageAnywhereCostsOnlyWhatItHits(seed: UInt64) throws {
        try withSeed(seed) { generator in
            try withTemporaryDirectory { path in
                var configuration = LogConfiguration.small
                configuration.segmentBytes = 1 << 20
                let log = try PartitionLog.opened(path, configuration)
                for index in 0..<40 {
                    let count = Int.random(in: 1...4, using: &generator)
                    let times = (0..<count).map { _ in Int64(index) }
                    try log.append(
                        TestBatch(
                            timestamps: times,
                            valueBytes: Int.random(in: 1...300, using: &generator),
                            tag: "\(index)"
                        )
                    )
                }
                let before = try log.allBatches()
                let file = try #require(try path.files("log").first)
                var bytes = try file.contents()
                var hit: Set<Int> = []
                for _ in 0..<Int.random(in: 1...3, using: &generator) {
                    // Not in the last batch, whose loss looks like an interrupted write.
                    let last = before.last?.readableBytes ?? 0
                    let place = Int.random(in: 0..<(bytes.count - last), using: &generator)
                    bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
                    var start = 0
                    for (index, batch) in before.enumerated() {
                        if (start..<(start + batch.readableBytes)).contains(place) { hit.insert(index) }
                        start += batch.readableBytes
                    }
                }
                try file.replaceContents(bytes)
                let (again, report) = try PartitionLog.open(
                    directory: path,
                    configuration: configuration,
                    now: 2,
                    calls: .withoutWaiting
                )
                #expect(!report.damages.isEmpty)
                #expect(again.endOffset == log.endOffset)
                let found = Set(try again.allBatches())
                for (index, batch) in before.enumerated() where !hit.contains(index) {
                    #expect(found.contains(batch), "batch \(index) is gone, \(hit) were hit")
                }
            }
        }
    }

    @Test(arguments: [true, false])
    func aMissingSegmentIsAGapThatReadersPass(isShortened: Bool) throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path)
            for index in 0..<30 { try log.append(TestBatch(tag: "\(index)")) }
            let before = try log.allBatches()
            try log.close()
            let files = try path.files("log")
            let next = Int64(files[2].stem ?? "") ?? 0
            let base = Int64(files[1].stem ?? "") ?? 0
            let size = before[0].readableBytes
            if isShortened {
                try files[1].replaceContents(files[1].contents()[..<(size + 10)])
            } else {
                try FileManager.default.removeItem(atPath: files[1].string)
            }
            let first = isShortened ? base + 1 : base
            let (again, report) = try PartitionLog.open(
                directory: path,
                configuration: .small,
                now: 2,
                calls: .withoutWaiting
            )
            #expect(report.gaps == [first..<next])
            let found = try again.allBatches().filter { try RecordBatchHeader($0).recordCount > 0 }
            #expect(found == Array(before[..<Int(first)] + before[Int(next)...]))
            #expect(again.endOffset == 30)
            try again.close()
            let second = try PartitionLog.open(directory: path, configuration: .small, now: 2, calls: .withoutWaiting)
            #expect(second.report == RecoveryReport())
        }
    }

    @Test func aLogWhoseLastSegmentIsGoneGivesNoOffsetTwice() throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path)
            for index in 0..<30 { try log.append(TestBatch(tag: "\(index)")) }
            try log.maintain(now: 1_000)
            let last = try #require(try path.files("log").last)
            try FileManager.default.removeItem(atPath: last.string)
            let (again, report) = try PartitionLog.open(
                directory: path,
                configuration: .small,
                now: 2,
                calls: .withoutWaiting
            )
            #expect(again.endOffset == LogLimits.offsetsReserved)
            #expect(report.gaps.count == 1)
            #expect(try again.append(TestBatch()).baseOffset == LogLimits.offsetsReserved)
        }
    }

    /// The number that once deleted a whole partition.
    @Test func noFlippedBitOfTheCheckpointCostsARecord() throws {
        try withTemporaryDirectory { path in
            let whole = path.appending("whole")
            let log = try PartitionLog.opened(whole)
            for index in 0..<20 { try log.append(TestBatch(tag: "\(index)")) }
            let before = try log.allBatches()
            try log.close()
            let bytes = try whole.appending("checkpoint.json").contents()
            for index in bytes.indices {
                let copy = path.appending("copy")
                try whole.copyTree(to: copy)
                var changed = bytes
                changed[index] ^= 1 << UInt8(index % 8)
                try copy.appending("checkpoint.json").replaceContents(changed)
                let (again, report) = try PartitionLog.open(
                    directory: copy,
                    configuration: .small,
                    now: 2,
                    calls: .withoutWaiting
                )
                #expect(report.checkpointSetAside != nil, "byte \(index)")
                #expect(again.logStartOffset == 0 && again.endOffset == 20)
                #expect(try again.allBatches() == before)
                try FileManager.default.removeItem(atPath: copy.string)
            }
        }
    }

    @Test func aGapOfMoreOffsetsThanOneBatchHoldsIsClosed() throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path)
            try log.append(TestBatch())
            let bound: Int64 = 3 << 31
            try log.reserve(through: bound)
            #expect(try log.resume(ifBelow: bound, now: 2) == 1..<bound)
            #expect(try log.append(TestBatch()).baseOffset == bound)
            #expect(try log.allBatches().count > 3)
            let again = try PartitionLog.opened(path)
            #expect(again.endOffset == bound + 1)
            #expect(try again.offset(forTimestamp: 0)?.offset == 0)
        }
    }

    /// Damage that is found by a read, since a log that was closed in order is not read through when it is opened.
    @Test func readsContinueAfterDamageFoundWhileRunning() throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path)
            for index in 0..<30 { try log.append(TestBatch(tag: "\(index)")) }
            let before = try log.allBatches()
            try log.close()
            let first = try #require(try path.files("log").first)
            var bytes = try first.contents()
            // The magic of the second batch.
            bytes[before[0].readableBytes + 16] = 9
            try first.replaceContents(bytes)
            let (again, report) = try PartitionLog.open(
                directory: path,
                configuration: .small,
                now: 2,
                calls: .withoutWaiting
            )
            #expect(report.wasClean)
            #expect(try again.read(from: 1, maxBytes: 1)?.baseOffset == 2)
            var expected = before
            expected.remove(at: 1)
            #expect(try again.allBatches(maxBytes: 1) == expected)
            #expect(try again.maintain(now: 1_000).damage?.code == .damaged)
            #expect(try again.maintain(now: 1_000).damage == nil, "it is reported once")
            try again.close()
            let (repaired, second) = try PartitionLog.open(
                directory: path,
                configuration: .small,
                now: 2,
                calls: .withoutWaiting
            )
            #expect(second.damages.count == 1)
            #expect(try repaired.allBatches() == before, "the next opening makes it whole again")
        }
    }

    /// A deletion that fails, at every start, never brings records back that retention took.
    @Test func aFailedDeletionDoesNotMoveTheStartBack() throws {
        try withTemporaryDirectory { path in
            var configuration = LogConfiguration.small
            configuration.retentionBytes = 1_000
            var calls = DiskCalls.withoutWaiting
            calls.remove = { path throws(Errno) in
                if path.string.hasSuffix(".log") { throw .notPermitted }
                try DiskCalls.system.remove(path)
            }
            let log = try PartitionLog.opened(path, configuration, calls: calls)
            for index in 0..<40 { try log.append(TestBatch(tag: "\(index)")) }
            #expect(throws: LogError.self) { try log.applyRetention(now: 1_000) }
            let start = log.logStartOffset
            #expect(start > 0)
            for _ in 0..<2 {
                let (again, report) = try PartitionLog.open(
                    directory: path,
                    configuration: configuration,
                    now: 1_000,
                    calls: calls
                )
                #expect(again.logStartOffset == start)
                #expect(!report.undeleted.isEmpty && report.gaps.isEmpty)
            }
        }
    }
}
