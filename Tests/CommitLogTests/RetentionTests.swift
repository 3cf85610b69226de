import CommitLog
import Foundation
import PipelineTesting
import SystemPackage
import Testing

@Suite(.timeLimit(.minutes(15)))
struct RetentionTests {
    private func configuration(milliseconds: Int64? = nil, bytes: Int? = nil) -> LogConfiguration {
        var configuration = LogConfiguration.small
        configuration.retentionMilliseconds = milliseconds
        configuration.retentionBytes = bytes
        return configuration
    }

    @Test func segmentsGoWhenTheirNewestRecordIsTooOld() throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path, configuration(milliseconds: 100))
            for time in Int64(0)..<50 { try log.append(TestBatch(timestamps: [time]), now: time) }
            let all = log.segmentCount
            var report = try log.applyRetention(now: 100)
            #expect(report.segmentsDeleted == 0)
            report = try log.applyRetention(now: 120)
            #expect(report.segmentsDeleted > 0 && report.segmentsDeleted < all)
            #expect(report.logStartOffset == log.logStartOffset)
            #expect(log.logStartOffset > 0 && log.logStartOffset <= 20, "nothing younger goes")
            #expect(try log.read(from: log.logStartOffset, maxBytes: 1)?.baseOffset == log.logStartOffset)
            #expect(throws: LogError.self) { try log.read(from: 0, maxBytes: 1) }
        }
    }

    @Test func anOldActiveSegmentGoesToo() throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path, configuration(milliseconds: 100))
            try log.append(TestBatch(timestamps: [0, 0]), now: 0)
            #expect(try log.applyRetention(now: 100).segmentsDeleted == 0)
            #expect(try log.applyRetention(now: 101).segmentsDeleted == 1)
            #expect(log.logStartOffset == 2)
            #expect(log.endOffset == 2)
            #expect(log.byteCount == 0)
            #expect(try log.append(TestBatch(timestamps: [101]), now: 101).baseOffset == 2)
        }
    }

    /// Last month's events, seconds for milliseconds, no time at all, and one in the far future.
    @Test(arguments: [1, 1_700_000_000, -1, 1 << 50] as [Int64])
    func ageCountsFromAppendingWhateverTheRecordsSay(timestamp: Int64) throws {
        try withTemporaryDirectory { path in
            let start: Int64 = 1_700_000_000_000
            let log = try PartitionLog.opened(path, configuration(milliseconds: 100), now: start)
            for index in Int64(0)..<30 { try log.append(TestBatch(timestamps: [timestamp]), now: start + index) }
            try log.maintain(now: start + 100)
            #expect(log.logStartOffset == 0, "nothing goes before its time")
            try log.maintain(now: start + 131)
            #expect(log.logStartOffset == 30, "nothing stays")
        }
    }

    /// The age goes on where it was, not by the time of day at which a file was written.
    @Test func ageSurvivesACleanClose() throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path, configuration(milliseconds: 100), now: 5_000)
            for index in Int64(0)..<30 { try log.append(TestBatch(timestamps: [1]), now: 5_000 + index) }
            #expect(log.segmentCount > 2)
            try log.close()
            let again = try PartitionLog.opened(path, configuration(milliseconds: 100), now: 5_090)
            try again.maintain(now: 5_100)
            #expect(again.logStartOffset == 0)
            try again.maintain(now: 5_115)
            #expect(again.logStartOffset > 0 && again.logStartOffset <= 15)
            try again.maintain(now: 5_131)
            #expect(again.logStartOffset == 30)
        }
    }

    /// After a crash the last segment's file was written by the system's clock, which may have been set meanwhile.
    @Test func afterACrashNothingIsOlderThanItWas() throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path, configuration(milliseconds: 100), now: 5_000)
            try log.append(TestBatch(timestamps: [1]), now: 5_000)
            let year2000: Int64 = 946_684_800
            let file = try #require(try path.files("log").last).string
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSince1970: Double(year2000))],
                ofItemAtPath: file
            )
            let again = try PartitionLog.opened(
                path,
                configuration(milliseconds: 100),
                now: 1_000 * year2000 + 86_400_000
            )
            try again.maintain(now: 1_000 * year2000 + 86_400_100)
            #expect(again.logStartOffset == 0)
            try again.maintain(now: 1_000 * year2000 + 86_400_101)
            #expect(again.logStartOffset == 1)
        }
    }

    @Test func aFileOfTheFutureCountsAsWrittenNow() throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path, configuration(milliseconds: 100), now: 9_000_000)
            try log.append(TestBatch(timestamps: [1]), now: 9_000_000)
            try log.close()
            let again = try PartitionLog.opened(path, configuration(milliseconds: 100), now: 5_000)
            try again.maintain(now: 5_100)
            #expect(again.logStartOffset == 0)
            try again.maintain(now: 5_101)
            #expect(again.logStartOffset == 1)
        }
    }

    @Test func aSegmentThatIsAppendedToAllTheTimeIsSealedByItsAge() throws {
        try withTemporaryDirectory { path in
            var configuration = configuration(milliseconds: 100)
            configuration.segmentBytes = 1 << 20
            let log = try PartitionLog.opened(path, configuration)
            for time in Int64(0)..<400 {
                try log.append(TestBatch(timestamps: [time]), now: time)
                try log.maintain(now: time)
                #expect(log.endOffset - log.logStartOffset <= 202, "a record stays twice its time at most")
            }
            #expect(log.logStartOffset > 0)
        }
    }

    @Test func unreadRecordsAreHeldWithinABound() throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path, configuration(milliseconds: 100))
            for _ in 0..<30 { try log.append(TestBatch(), now: 0) }
            let hold = RetentionHold(offset: 20, milliseconds: 50)
            var report = try log.maintain(now: 101, hold: hold)
            #expect(report.isHeld && report.recordsDeletedUnread == 0)
            #expect(log.logStartOffset > 0 && log.logStartOffset <= 20)
            report = try log.maintain(now: 150, hold: RetentionHold(offset: 30, milliseconds: 50))
            #expect(report.isHeld == false, "it has come to the end")
            #expect(log.logStartOffset == 30)
        }
    }

    @Test func unreadRecordsAreDeletedAfterTheBound() throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path, configuration(milliseconds: 100))
            for _ in 0..<30 { try log.append(TestBatch(), now: 0) }
            let hold = RetentionHold(offset: 10, milliseconds: 50)
            _ = try log.maintain(now: 150, hold: hold)
            #expect(log.logStartOffset <= 10)
            let report = try log.maintain(now: 151, hold: hold)
            #expect(report.recordsDeletedUnread == 20 && report.isHeld == false)
            #expect(log.logStartOffset == 30)
        }
    }

    @Test func aHoldCountsForRetentionBySizeToo() throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path, configuration(bytes: 1_000))
            for _ in 0..<60 { try log.append(TestBatch(), now: 0) }
            let hold = RetentionHold(offset: 5, milliseconds: 50)
            #expect(try log.maintain(now: 50, hold: hold).isHeld)
            #expect(log.logStartOffset <= 5)
            #expect(try log.maintain(now: 51, hold: hold).recordsDeletedUnread > 0)
            #expect(log.byteCount < 3_000)
        }
    }

    @Test func timestampsInTheFutureDoNotKeepASegmentForEver() throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path, configuration(milliseconds: 100))
            try log.append(TestBatch(timestamps: [1 << 50]), now: 0)
            #expect(try log.applyRetention(now: 101).segmentsDeleted == 1)
        }
    }

    @Test func recordsWithoutTimestampsAgeFromTheirAppending() throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path, configuration(milliseconds: 100))
            try log.append(TestBatch(timestamps: [-1]), now: 50)
            #expect(try log.applyRetention(now: 150).segmentsDeleted == 0)
            #expect(try log.applyRetention(now: 151).segmentsDeleted == 1)
        }
    }

    @Test func theOldestSegmentsGoWhileTheRestIsLargeEnough() throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path, configuration(bytes: 2_000))
            for index in 0..<60 { try log.append(TestBatch(tag: "\(index)")) }
            let before = log.byteCount
            let report = try log.applyRetention(now: 0)
            #expect(log.byteCount == before - report.bytesDeleted)
            #expect(log.byteCount >= 2_000)
            #expect(log.byteCount < 3_000, "one segment less would be too few bytes")
            #expect(try log.applyRetention(now: 0).segmentsDeleted == 0)
        }
    }

    @Test(arguments: [true, false])
    func theStartIsTheSameAfterARestart(closesInOrder: Bool) throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path, configuration(bytes: 1_500))
            for index in 0..<30 { try log.append(TestBatch(timestamps: [1, 1, 1], tag: "\(index)")) }
            let start = try log.applyRetention(now: 0).logStartOffset
            #expect(start > 0)
            if closesInOrder { try log.close() }
            let again = try PartitionLog.opened(path)
            #expect(again.logStartOffset == start)
            #expect(again.endOffset == 90)
            #expect(throws: LogError.self) { try again.read(from: start - 1, maxBytes: 1) }
            #expect(try again.read(from: start, maxBytes: 1)?.baseOffset == start)
        }
    }

    @Test func anOldSegmentIsSealedByTime() throws {
        try withTemporaryDirectory { path in
            var configuration = configuration()
            configuration.segmentMilliseconds = 50
            let log = try PartitionLog.opened(path, configuration)
            try log.append(TestBatch(), now: 100)
            try log.maintain(now: 149)
            #expect(log.segmentCount == 1)
            try log.maintain(now: 150)
            #expect(log.segmentCount == 2)
            try log.maintain(now: 1_000)
            #expect(log.segmentCount == 2, "an empty segment does not age")
        }
    }

    @Test func retentionMakesRoomAlsoWhereSealingFails() throws {
        try withTemporaryDirectory { path in
            var configuration = configuration(bytes: 1_500)
            configuration.segmentMilliseconds = 50
            let log = try PartitionLog.opened(path, configuration)
            for index in 0..<40 { try log.append(TestBatch(tag: "\(index)"), now: 0) }
            let active = try #require(try path.files("log").last?.stem)
            // Where the index of the active segment is to be written, something is in the way.
            let obstacle = path.appending(active + ".index.tmp").string
            try FileManager.default.createDirectory(atPath: obstacle, withIntermediateDirectories: false)
            let report = try log.maintain(now: 1_000)
            #expect(report.failure != nil && report.segmentsDeleted > 0)
            #expect(log.logStartOffset > 0)
            try FileManager.default.removeItem(atPath: obstacle)
            #expect(try log.maintain(now: 1_000).failure == nil)
            #expect(try log.append(TestBatch()).baseOffset == 40)
        }
    }
}
