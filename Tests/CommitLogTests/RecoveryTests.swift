import CommitLog
import Foundation
import KafkaProtocol
import NIOCore
import PipelineTesting
import SystemPackage
import Testing

@Suite(.timeLimit(.minutes(15)))
struct RecoveryTests {
    @Test func aCleanCloseIsOpenedWithoutReading() throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path)
            for index in 0..<30 { try log.append(TestBatch(timestamps: [Int64(index)], tag: "\(index)")) }
            let before = try log.allBatches()
            try log.close()
            let (again, report) = try PartitionLog.open(
                directory: path,
                configuration: .small,
                now: 2,
                calls: .withoutWaiting
            )
            #expect(report == RecoveryReport())
            #expect(again.endOffset == 30)
            #expect(try again.allBatches() == before)
            #expect(try again.offset(forTimestamp: 17) == TimestampedOffset(offset: 17, timestamp: 17))
            try again.append(TestBatch(timestamps: [99]))
            #expect(try again.offset(forTimestamp: 30) == TimestampedOffset(offset: 30, timestamp: 99))
        }
    }

    @Test func aCrashAfterACleanOpeningIsNoticed() throws {
        try withTemporaryDirectory { path in
            try PartitionLog.opened(path).close()
            try PartitionLog.opened(path).append(TestBatch())
            let (log, report) = try PartitionLog.open(
                directory: path,
                configuration: .small,
                now: 2,
                calls: .withoutWaiting
            )
            #expect(!report.wasClean)
            #expect(log.endOffset == 1)
        }
    }

    @Test func aTornTailIsCutAtEveryByteOfTheLastBatch() throws {
        try withTemporaryDirectory { path in
            let whole = path.appending("whole")
            let log = try PartitionLog.opened(whole)
            for index in 0..<3 { try log.append(TestBatch(tag: "\(index)")) }
            let kept = try log.allBatches()
            try log.append(TestBatch(timestamps: [1, 2], producerID: 9, tag: "last"))
            let file = try #require(try whole.files("log").last)
            let bytes = try file.contents()
            let keptBytes = kept.reduce(0) { $0 + $1.readableBytes }
            for length in keptBytes..<bytes.count {
                try file.replaceContents(bytes[..<length])
                let (again, report) = try PartitionLog.open(
                    directory: whole,
                    configuration: .small,
                    now: 2,
                    calls: .withoutWaiting
                )
                #expect(report.bytesCut == length - keptBytes)
                #expect(report.damages.isEmpty)
                #expect(again.endOffset == 3)
                #expect(try again.allBatches() == kept)
                // The producer's batch was never acknowledged: it comes again and is taken.
                let outcome = try again.append(TestBatch(timestamps: [1, 2], producerID: 9, tag: "last"))
                #expect(outcome == .appended(baseOffset: 3, lastOffset: 4))
            }
        }
    }

    @Test func anActiveSegmentThatRecoveryEmptiedIsNotTakenForAnOldOne() throws {
        try withTemporaryDirectory { path in
            var configuration = LogConfiguration.small
            configuration.segmentMilliseconds = 50
            configuration.retentionMilliseconds = 100
            // Behind the time of any file.
            let now: Int64 = 1 << 43
            try PartitionLog.opened(path, configuration).append(TestBatch())
            let file = try #require(try path.files("log").first)
            try file.replaceContents(file.contents().dropLast())
            let log = try PartitionLog.opened(path, configuration, now: now)
            #expect(log.endOffset == 0)
            try log.maintain(now: now)
            try log.append(TestBatch(timestamps: [now]), now: now)
            let again = try PartitionLog.opened(path, configuration, now: now)
            #expect(again.endOffset == 1)
            #expect(try again.allBatches() == log.allBatches())
        }
    }

    @Test(arguments: ["index", "timeindex", "snapshot", "json"])
    func aLostFileIsMadeAgain(fileExtension: String) throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path)
            for index in 0..<30 {
                try log.append(
                    TestBatch(timestamps: [Int64(index)], producerID: 4, baseSequence: Int32(index), tag: "\(index)")
                )
            }
            let before = try log.allBatches()
            try log.close()
            for file in try path.files(fileExtension) { try FileManager.default.removeItem(atPath: file.string) }
            let (again, report) = try PartitionLog.open(
                directory: path,
                configuration: .small,
                now: 2,
                calls: .withoutWaiting
            )
            #expect((report.indexesRebuilt > 0) == fileExtension.hasSuffix("index"))
            #expect(try again.allBatches() == before)
            for time in 0..<Int64(30) { #expect(try again.offset(forTimestamp: time)?.offset == time) }
            let duplicate = TestBatch(timestamps: [29], producerID: 4, baseSequence: 29, tag: "29")
            #expect(try again.append(duplicate) == .duplicate(baseOffset: 29, lastOffset: 29))
        }
    }

    @Test func aStaleIndexIsNotTrusted() throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path)
            for index in 0..<30 { try log.append(TestBatch(tag: "\(index)")) }
            let before = try log.allBatches()
            for file in try path.files("index") {
                var bytes = try file.contents()
                for index in bytes.indices where index % 8 == 7 { bytes[index] &+= 13 }
                try file.replaceContents(bytes)
            }
            for maxBytes in [1, 300, 5_000] { #expect(try log.allBatches(maxBytes: maxBytes) == before) }
            for offset in 0..<Int64(30) { #expect(try log.read(from: offset, maxBytes: 300)?.baseOffset == offset) }
        }
    }

    @Test func onlySegmentsThatWereNotFlushedAreRead() throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path)
            for index in 0..<50 { try log.append(TestBatch(tag: "\(index)")) }
            let sealed = log.segmentCount - 1
            #expect(sealed > 3)
            try log.maintain(now: 1_000)
            let first = try PartitionLog.open(directory: path, configuration: .small, now: 2, calls: .withoutWaiting)
                .report
            #expect(first.segmentsChecked == 1)
            #expect(!first.wasClean)
        }
    }

    @Test func leftoversOfInterruptedWorkAreRemoved() throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path)
            for index in 0..<20 { try log.append(TestBatch(tag: "\(index)")) }
            try log.close()
            let names = ["checkpoint.json.tmp", "00000000000000000099.index", "00000000000000000007.timeindex"]
            for name in names { try path.appending(name).replaceContents([1, 2, 3]) }
            try path.appending("note.txt").replaceContents([1])
            let again = try PartitionLog.opened(path)
            #expect(again.endOffset == 20)
            for name in names { #expect(!path.appending(name).exists) }
            #expect(path.appending("note.txt").exists)
        }
    }

    @Test func offsetsOfDeletedRecordsAreNotGivenAgainAfterAPowerCut() throws {
        try withTemporaryDirectory { path in
            var configuration = LogConfiguration.small
            configuration.retentionMilliseconds = 0
            let log = try PartitionLog.opened(path, configuration)
            for index in 0..<5 { try log.append(TestBatch(tag: "\(index)")) }
            let old = try #require(try path.files("log").first)
            let bytes = try old.contents()
            try log.applyRetention(now: 2_000)
            // What the directory had before is there again, and only a part of the bytes.
            for file in try path.files("log") { try FileManager.default.removeItem(atPath: file.string) }
            try old.replaceContents(bytes[..<(bytes.count / 2)])
            let again = try PartitionLog.opened(path)
            #expect(again.logStartOffset == 5)
            #expect(again.endOffset == LogLimits.offsetsReserved)
            #expect(try again.append(TestBatch()).baseOffset == LogLimits.offsetsReserved)
        }
    }
}
