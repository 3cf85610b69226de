import Files
import KafkaProtocol
import PipelineTesting
import SystemPackage
import Testing

@testable import CommitLog

@Suite(.timeLimit(.minutes(15)))
struct LogCleaningTests {
    /// A log with so many batches of one record each, for a few keys in turn.
    private func fill(_ log: PartitionLog, batches: Int, keys: Int = 3, valueBytes: Int = 20) throws {
        for index in 0..<batches {
            let value = "\(index)-" + String(repeating: "x", count: valueBytes)
            try log.append([(key: "k\(index % keys)", value: value)], timestamp: Int64(index))
        }
    }

    @Test func onlyTheNewestRecordOfEachKeyStays() throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path, .compacted)
            try fill(log, batches: 60)
            try log.sealAll()
            let before = try log.records()
            let bytes = log.byteCount
            let report = try #require(try log.clean())
            #expect(report.cleanedOffset == 60)
            #expect(report.recordsRemoved == 57)
            #expect(try log.records() == Array(before.suffix(3)))
            #expect((log.logStartOffset, log.endOffset) == (0, 60))
            #expect(log.byteCount == bytes - report.bytesBefore + report.bytesAfter)
            #expect(log.segmentCount == 2, "small segments become one")
            let (again, recovery) = try PartitionLog.open(directory: path, configuration: .compacted, now: 1_000)
            #expect(try again.records() == Array(before.suffix(3)))
            #expect(recovery.damages.isEmpty && recovery.gaps.isEmpty && recovery.indexesRebuilt == 0)
            #expect(try again.clean() == nil, "how far it was cleaned is remembered")
        }
    }

    /// As Kafka leaves them: a client that reads committed records only looks for a record in a control batch.
    @Test func batchesThatLostAllRecordsAreNoControlBatches() throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path, .compacted)
            try log.append([(key: "k0", value: "1")], producer: (7, 0))
            try fill(log, batches: 60)
            try log.sealAll()
            try log.clean()
            let headers = try log.allBatches().map { try RecordBatchHeader($0) }
            let empty = headers.filter { $0.recordCount == 0 }
            #expect(empty.map(\.producerID) == [7, -1])
            for header in empty {
                #expect(header.attributes == RecordBatchAttributes())
                #expect((header.baseTimestamp, header.maxTimestamp) == (-1, -1), "no lookup by time finds it")
            }
        }
    }

    @Test func theActiveSegmentIsNotTouched() throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path, .compacted)
            try fill(log, batches: 5)
            try log.maintain(now: 1_000)
            #expect(try log.clean() == nil)
            #expect(try log.records().count == 5)
        }
    }

    @Test func aSegmentThatIsNotOnTheDeviceIsNotCleaned() throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path, .compacted)
            try fill(log, batches: 60)
            #expect(log.segmentCount > 2)
            #expect(try log.clean() == nil)
            try log.maintain(now: 1_000)
            #expect(try log.clean() != nil)
        }
    }

    @Test func everyOffsetCanBeReadFrom() throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path, .compacted)
            for index in 0..<60 {
                // One key in nine is seen once.
                let key = index % 9 == 0 ? "once-\(index)" : "k\(index % 4)"
                try log.append([(key: key, value: "\(index)"), (key: "k", value: "\(index)")], timestamp: Int64(index))
            }
            try log.sealAll()
            try log.clean()
            let records = try log.records()
            for offset in 0..<log.endOffset {
                let slice = try #require(try log.read(from: offset, maxBytes: 1))
                let header = try RecordBatchHeader(try slice.bytes())
                #expect(header.baseOffset...header.lastOffset ~= offset)
            }
            for time in 0..<Int64(60) {
                let expected = records.first { $0.timestamp >= time }
                #expect(try log.offset(forTimestamp: time)?.offset == expected?.offset)
            }
            #expect(try log.offsetOfLargestTimestamp()?.timestamp == 59)
        }
    }

    @Test func aTombstoneStaysForItsTimeAndGoesThen() throws {
        try withTemporaryDirectory { path in
            var configuration = LogConfiguration.compacted
            configuration.deleteRetentionMilliseconds = 100
            let log = try PartitionLog.opened(path, configuration)
            try log.append([(key: "a", value: "1"), (key: "b", value: "1")])
            try log.append([(key: "a", value: nil)])
            try log.sealAll()
            try log.clean(now: 2_000)
            #expect(try log.records().map(\.key) == ["b", "a"])
            // It takes something new for the log to be cleaned again.
            try log.append([(key: "c", value: "1")])
            try log.sealAll()
            try log.clean(now: 2_099)
            #expect(try log.records().map(\.key) == ["b", "a", "c"])
            try log.append([(key: "c", value: "2")])
            try log.sealAll()
            try log.clean(now: 2_100)
            #expect(try log.records().map(\.key) == ["b", "c"])
        }
    }

    @Test func aLogIsCleanedWhenEnoughIsNew() throws {
        try withTemporaryDirectory { path in
            var configuration = LogConfiguration.compacted
            configuration.cleanableRatioMin = 0.5
            let log = try PartitionLog.opened(path, configuration)
            try fill(log, batches: 60, keys: 60)
            try log.sealAll()
            #expect(log.cleaningNeed(now: 1_000)?.dirtyRatio == 1)
            try log.clean()
            let clean = log.byteCount
            while (log.cleaningNeed(now: 1_000)) == nil {
                try fill(log, batches: 5)
                try log.sealAll()
            }
            #expect(log.byteCount > 2 * clean)
            #expect(log.byteCount < 3 * clean)
        }
    }

    @Test func theLagsDecideAsWell() throws {
        try withTemporaryDirectory { path in
            var configuration = LogConfiguration.compacted
            configuration.cleanableRatioMin = 1
            configuration.compactionLagMinMilliseconds = 50
            configuration.compactionLagMaxMilliseconds = 200
            let log = try PartitionLog.opened(path, configuration)
            try fill(log, batches: 3)
            try log.maintain(now: 1_199)
            #expect(log.segmentCount == 1)
            try log.maintain(now: 1_200)
            #expect(log.segmentCount == 2, "the active segment is sealed in time")
            #expect(log.cleaningNeed(now: 1_200) == nil)
            #expect(log.cleaningNeed(now: 1_201)?.isOverdue == true)
            log.configure { $0.compactionLagMinMilliseconds = 202 }
            #expect(log.cleaningNeed(now: 1_201) == nil, "too young")
        }
    }

    @Test func aLagThatIsRaisedLeavesWhatWasCleanedAlone() throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path, .compacted)
            try fill(log, batches: 20)
            try log.sealAll()
            try log.clean()
            log.configure { $0.compactionLagMinMilliseconds = 1_000_000 }
            try fill(log, batches: 5)
            try log.sealAll()
            #expect(log.cleaningNeed(now: 2_000) == nil)
            log.configure { $0.compactionLagMinMilliseconds = 0 }
            #expect(log.cleaningNeed(now: 2_000) != nil)
        }
    }

    /// With room for few keys it takes several passes, and the outcome is the same.
    @Test(arguments: [24 * 4, 24 * 20, 24 * 40])
    func manyKeysTakeSeveralPasses(mapBytes: Int) throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path, .compacted)
            for index in 0..<40 {
                try log.append((0..<5).map { (key: "k\((index * 5 + $0) % 70)", value: "\(index)") })
            }
            try log.sealAll()
            let before = try log.records()
            var passes = 0
            while try log.clean(mapBytes: mapBytes) != nil { passes += 1 }
            #expect(passes > 1)
            #expect(try log.records() == Array(before.suffix(70)))
        }
    }

    @Test func aProducerGoesOnAfterItsLastBatchWasEmptied() throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path, .compacted)
            for sequence in Int32(0)..<20 {
                try log.append([(key: "a", value: "\(sequence)")], producer: (9, sequence))
            }
            try log.append([(key: "a", value: "last")])
            try log.sealAll()
            try log.clean()
            #expect(try log.records().map(\.value) == ["last"])
            // Without its snapshots the state is in the log alone.
            try log.close()
            for file in try path.files("snapshot") { try DiskCalls.system.remove(file) }
            let again = try PartitionLog.opened(path, .compacted)
            let outcome = try again.append([(key: "a", value: "19")], producer: (9, 19))
            #expect(outcome == .duplicate(baseOffset: 19, lastOffset: 19))
            #expect(throws: LogError.self) { try again.append([(key: "a", value: "21")], producer: (9, 21)) }
            try again.append([(key: "a", value: "20")], producer: (9, 20))
            try again.sealAll()
            try again.clean()
            #expect(try again.records().map(\.value) == ["20"])
        }
    }

    @Test func everyOffsetKeepsItsLeaderEpoch() throws {
        try withTemporaryDirectory { path in
            // A log that was not closed is in another epoch when it is opened again.
            for _ in 0..<2 { try fill(PartitionLog.opened(path, .compacted), batches: 10) }
            let log = try PartitionLog.opened(path, .compacted)
            try fill(log, batches: 10)
            try log.sealAll()
            try log.clean()
            #expect(try log.records().map(\.offset) == [27, 28, 29])
            for batch in try log.allBatches() {
                let header = try RecordBatchHeader(batch)
                #expect(header.baseOffset / 10 == Int64(header.partitionLeaderEpoch))
                #expect(header.lastOffset / 10 == Int64(header.partitionLeaderEpoch))
            }
            // Where the checkpoint is gone the batches tell where each began.
            try DiskCalls.system.remove(path.appending(PartitionCheckpoint.fileName))
            let again = try PartitionLog.opened(path, .compacted)
            #expect((Int32(0)...2).map { again.end(ofEpoch: $0)?.endOffset } == [10, 20, 30])
        }
    }

    @Test(arguments: [nil] + Compression.allCases.map(Optional.some))
    func aRecordWithoutAKeyIsRefused(compression: Compression?) throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path, .compacted)
            let error = #expect(throws: LogError.self) {
                try log.append(
                    [(key: "a", value: "1"), (key: nil, value: "2"), (key: "", value: "3"), (key: nil, value: nil)],
                    compression: compression
                )
            }
            #expect(error?.code == .invalidRecord)
            #expect(error?.records == [1, 3])
            try log.append([(key: "a", value: "1"), (key: "", value: "3")], compression: compression)
            log.configure { $0.cleanupPolicy = [.delete] }
            try log.append([(key: nil, value: "1")], compression: compression)
        }
    }

    @Test func deletionAndCompactionGoTogether() throws {
        try withTemporaryDirectory { path in
            var configuration = LogConfiguration.compacted
            configuration.retentionMilliseconds = 100
            let log = try PartitionLog.opened(path, configuration)
            try fill(log, batches: 60)
            try log.sealAll()
            #expect(try log.applyRetention(now: 5_000).segmentsDeleted == 0, "the policy is compact alone")
            log.configure { $0.cleanupPolicy = [.compact, .delete] }
            try log.clean()
            #expect(try log.applyRetention(now: 1_100).segmentsDeleted == 0)
            #expect(try log.applyRetention(now: 1_101).segmentsDeleted == 1, "its age is that of its newest batch")
            #expect((log.logStartOffset, log.endOffset) == (60, 60))
        }
    }

    @Test func retentionDuringACleaningEndsIt() throws {
        try withTemporaryDirectory { path in
            for steps in [0, 3, 70] {
                let directory = path.appending("\(steps)")
                let log = try PartitionLog.opened(directory, .compacted)
                try fill(log, batches: 60)
                try log.sealAll()
                let plan = try #require(try log.cleaningPlan(now: 1_000))
                var cleaning = LogCleaning(plan, of: log, disk: Disk(calls: .withoutWaiting))
                for _ in 0..<steps { _ = try cleaning.step() }
                _ = try log.deleteRecords(before: 30)
                while try cleaning.step() != nil {}
                #expect(cleaning.report.cleanedOffset == nil)
                #expect(try directory.files("cleaned").isEmpty)
                #expect(try log.records().count == 30)
            }
        }
    }

    @Test func aReaderKeepsWhatItHasOpened() throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path, .compacted)
            try fill(log, batches: 60)
            try log.sealAll()
            let slice = try #require(try log.read(from: 0, maxBytes: 1 << 20))
            let bytes = try slice.bytes()
            try log.clean()
            #expect(try slice.bytes() == bytes)
        }
    }

    /// No CRC covers the offset of a batch, the first of its bytes.
    @Test(arguments: [0, 3, 7, 16, 20, 70])
    func damageEndsTheCleaning(place: Int) throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path, .compacted)
            try fill(log, batches: 60)
            try log.sealAll()
            let second = try path.files("log")[1]
            let before = try log.records()
            let whole = try second.contents()
            var bytes = whole
            bytes[place] ^= 1
            try second.replaceContents(bytes)
            let error = #expect(throws: LogError.self) { try log.clean() }
            #expect(error?.code == .damaged)
            #expect(try path.files("cleaned").isEmpty)
            try second.replaceContents(whole)
            #expect(try log.records() == before, "nothing was replaced")
        }
    }

    @Test func theMostUrgentLogComesFirst() throws {
        let little = CleaningNeed(cleanBytes: 90, dirtyBytes: 10, isOverdue: false)
        let much = CleaningNeed(cleanBytes: 10, dirtyBytes: 90, isOverdue: false)
        let overdue = CleaningNeed(cleanBytes: 90, dirtyBytes: 10, isOverdue: true)
        #expect(much.isMoreUrgent(than: little))
        #expect(overdue.isMoreUrgent(than: much))
        #expect(!much.isMoreUrgent(than: overdue))
    }
}
