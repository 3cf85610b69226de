import Files
import Foundation
import KafkaProtocol
import KafkaTopics
import NIOCore
import PipelineTesting
import SystemPackage
import Testing

@testable import CommitLog

@Suite struct LeaderEpochsTests {
    @Test func anEpochEndsWhereTheNextBegins() {
        var epochs = LeaderEpochs()
        epochs.begin(2, at: 10)
        epochs.begin(5, at: 30)
        let ends = (0...6).map { epochs.end(of: $0, logEnd: 40) }
        #expect(ends.map { $0?.epoch } == [0, 0, 2, 2, 2, 5, nil])
        #expect(ends.map { $0?.endOffset } == [10, 10, 30, 30, 30, 40, nil])
        #expect([0, 9, 10, 29, 30, 99].map { epochs.epoch(at: $0) } == [0, 0, 2, 2, 5, 5])
    }

    @Test func anEpochWithoutRecordsIsReplaced() {
        var epochs = LeaderEpochs()
        for epoch in Int32(1)...9 { epochs.begin(epoch, at: 7) }
        #expect(epochs.entries.map(\.epoch) == [0, 9])
        #expect(epochs.end(of: 4, logEnd: 20)?.endOffset == 7)
    }

    @Test func epochsOfDeletedRecordsAreForgotten() throws {
        var epochs = LeaderEpochs()
        epochs.begin(1, at: 10)
        epochs.begin(2, at: 20)
        epochs.trim(before: 15)
        #expect(epochs.entries.map(\.epoch) == [1, 2])
        // A reader of records that are gone is sent to the first ones that are left.
        let end = try #require(epochs.end(of: 0, logEnd: 30))
        #expect(end == (0, 10))
    }

    @Test func aPlaceBeyondAnEpochBeforeTheFirstOneIsOfAnotherLog() {
        var epochs = LeaderEpochs(since: 4)
        #expect(epochs.isElsewhere(1, in: 3))
        #expect(!epochs.isElsewhere(0, in: 3))
        #expect(!epochs.isElsewhere(1, in: 4))
        #expect(!epochs.isElsewhere(1, in: -1))
        // A reader may be behind what was deleted.
        epochs.begin(5, at: 10)
        epochs.trim(before: 20)
        #expect(!epochs.isElsewhere(10, in: 4))
    }

    @Test func theListIsBounded() {
        var epochs = LeaderEpochs()
        for epoch in Int32(1)...3_000 { epochs.begin(epoch, at: Int64(epoch)) }
        #expect(epochs.entries.count == LogLimits.leaderEpochsMax)
        #expect(epochs.latest == 3_000)
        #expect(epochs.isPossible)
    }
}

/// The leader epoch of a log rises each time that it is opened and was not closed: here, when nothing refers to it any more.
@Suite(.timeLimit(.minutes(15))) struct EpochsOfLogsTests {
    private let partition = TopicPartition(topic: "a", partition: 0)

    private func open(_ root: FilePath, boot: String = "b", isNew: Bool = false) throws -> (LogManager, PartitionLog) {
        let manager = try LogManager.open(
            root: root,
            defaults: .small,
            readings: .inBoot(boot),
            calls: .withoutWaiting
        ).manager
        _ = try manager.begin()
        if isNew { try manager.createTopic("a", partitions: 1, now: 1) }
        return (manager, try #require(manager.log(for: partition)))
    }

    @Test func anOpeningAfterACrashBeginsAnEpoch() throws {
        try withTemporaryDirectory { root in
            do {
                let (_, log) = try open(root, isNew: true)
                #expect(log.leaderEpoch == 0)
                for index in 0..<3 { try log.append(TestBatch(tag: "\(index)")) }
            }
            let (manager, log) = try open(root)
            #expect(log.leaderEpoch == 1)
            #expect(try #require(log.end(ofEpoch: 0)) == (0, 3))
            try log.append(TestBatch(tag: "after"))
            #expect(try #require(log.end(ofEpoch: 1)) == (1, 4))
            #expect(log.end(ofEpoch: 2) == nil)
            #expect(try log.allBatches().map { try RecordBatchHeader($0).partitionLeaderEpoch } == [0, 0, 0, 1])
            try manager.close()
            let (_, again) = try open(root)
            #expect(again.leaderEpoch == 1, "it was closed")
            #expect(try #require(again.end(ofEpoch: 0)) == (0, 3))
        }
    }

    @Test func epochsAreFoundInTheBatchesWhereTheCheckpointIsGone() throws {
        try withTemporaryDirectory { root in
            _ = try open(root, isNew: true).1.append(TestBatch())
            for life in 1...3 {
                let log = try open(root).1
                #expect(log.leaderEpoch == Int32(life))
                for _ in 0..<life { try log.append(TestBatch()) }
            }
            try? FileManager.default.removeItem(
                atPath: root.appending("a-0").appending(PartitionCheckpoint.fileName).string
            )
            let log = try open(root).1
            #expect((Int32(0)...3).map { log.end(ofEpoch: $0)?.endOffset } == [1, 2, 4, 7])
            #expect(log.leaderEpoch == 4)
        }
    }

    @Test func offsetsThatArePassedOverAreOfTheEpochThatFollowsTheLoss() throws {
        try withTemporaryDirectory { root in
            do {
                let (_, log) = try open(root, isNew: true)
                try log.append(TestBatch(timestamps: [1, 2]))
            }
            let (_, log) = try open(root, boot: "another")
            #expect(log.leaderEpoch == 1)
            #expect(try #require(log.end(ofEpoch: 0)) == (0, 2), "the end of what is there, before the gap")
            let last = try #require(try log.allBatches().last)
            #expect(try RecordBatchHeader(last).recordCount == 0)
            #expect(try RecordBatchHeader(last).partitionLeaderEpoch == 1)
        }
    }

    @Test func aCommittedOffsetBeyondTheEndBeginsAnEpoch() throws {
        try withTemporaryDirectory { root in
            do {
                let (manager, log) = try open(root, isNew: true)
                try log.append(TestBatch())
                try manager.close()
            }
            let manager = try LogManager.open(root: root, defaults: .small, calls: .withoutWaiting).manager
            let log = try #require(manager.log(for: partition))
            let gap = try log.resume(ifBelow: 5, now: 1)
            #expect(gap?.lowerBound == 1)
            #expect(log.leaderEpoch == 1)
            #expect(try #require(log.end(ofEpoch: 0)) == (0, 1))
        }
    }

    @Test func aTopicThatIsMadeAgainIsOfAGreaterEpoch() throws {
        try withTemporaryDirectory { root in
            _ = try open(root, isNew: true)
            let (manager, log) = try open(root)
            #expect(log.leaderEpoch == 1)
            try manager.deleteTopic("a")
            try manager.createTopic("a", partitions: 1, now: 1)
            let again = try #require(manager.log(for: partition))
            #expect(again.leaderEpoch == 2)
            try again.append(TestBatch(timestamps: [1, 2, 3]))
            // A reader of the first topic has no place in the second one.
            #expect(try #require(again.end(ofEpoch: 1)) == (1, 0))
            try manager.close()
            #expect(try open(root).1.leaderEpoch == 2)
        }
    }

    /// A log with a batch of each of these epochs, in one segment, as a crash leaves it.
    private func log(in path: FilePath, of epochs: some Sequence<Int32>) throws -> (bytes: [UInt8], LeaderEpochs) {
        try path.makeDirectory()
        var (bytes, known): ([UInt8], LeaderEpochs) = ([], LeaderEpochs())
        for (offset, epoch) in epochs.enumerated() {
            var batch = TestBatch(tag: "\(offset)").buffer
            batch.setInteger(Int64(offset), at: 0)
            batch.setInteger(epoch, at: 12)
            bytes += batch.readableBytesView
            known.begin(epoch, at: Int64(offset))
        }
        try path.appending("00000000000000000000.log").replaceContents(bytes)
        return (bytes, known)
    }

    private func recovered(_ path: FilePath) throws -> (log: PartitionLog, report: RecoveryReport) {
        try PartitionLog.open(directory: path, configuration: LogConfiguration(), now: 1, calls: .withoutWaiting)
    }

    @Test func batchesOfEpochsThatWereForgottenStayAsTheyAre() throws {
        try withTemporaryDirectory { path in
            let (bytes, epochs) = try log(in: path, of: 0..<1_300)
            #expect(epochs.entries.count == LogLimits.leaderEpochsMax)
            try PartitionCheckpoint(logStartOffset: 0, recoveryOffset: 0, leaderEpochs: epochs).save(
                in: path,
                disk: Disk()
            )
            for life in Int32(0)..<3 {
                let (log, report) = try recovered(path)
                #expect(report.damages.isEmpty)
                #expect(log.leaderEpoch == 1_300 + life)
                #expect(log.end(ofEpoch: 700)?.endOffset == 701)
                #expect(try path.appending("00000000000000000000.log").contents().starts(with: bytes))
                try log.append(TestBatch())
            }
        }
    }

    @Test(arguments: [false, true])
    func whereNothingIsKnownOfEpochsTheBatchesAreBelieved(isDamaged: Bool) throws {
        try withTemporaryDirectory { path in
            // Rises of one, and a great one: the log was idle while others were opened.
            var (bytes, _) = try log(in: path, of: Array(0..<1_300) + [9_000, 9_000, 9_001])
            let batchBytes = TestBatch(tag: "0").buffer.readableBytes
            let file = path.appending("00000000000000000000.log")
            if isDamaged {
                bytes[5 * batchBytes + 12] = 0x3f
                try file.replaceContents(bytes)
                bytes[5 * batchBytes + 12] = 0
                // Of that one nothing tells whether it is right.
                bytes[5 * batchBytes + 15] = 4
            }
            let (log, report) = try recovered(path)
            #expect(report.damages.count == (isDamaged ? 1 : 0))
            #expect(try file.contents() == bytes)
            #expect(log.leaderEpoch == 9_002)
        }
    }

    @Test func theStartOfTheLogMayBeAfterTheBeginningOfAnEpochInItsSegment() throws {
        try withTemporaryDirectory { path in
            let (bytes, _) = try log(in: path, of: [0, 0, 1, 1, 2, 2])
            var epochs = LeaderEpochs()
            epochs.begin(1, at: 2)
            epochs.begin(2, at: 4)
            epochs.trim(before: 5)
            try PartitionCheckpoint(logStartOffset: 5, recoveryOffset: 0, leaderEpochs: epochs).save(
                in: path,
                disk: Disk()
            )
            #expect(try recovered(path).report.damages.isEmpty)
            #expect(try path.appending("00000000000000000000.log").contents() == bytes)
        }
    }

    @Test func aDamagedEpochIsMended() throws {
        try withTemporaryDirectory { root in
            do {
                let (_, log) = try open(root, isNew: true)
                for index in 0..<3 { try log.append(TestBatch(tag: "\(index)")) }
            }
            let file = root.appending("a-0").appending("00000000000000000000.log")
            var bytes = try file.contents()
            bytes[12] = 0x7f
            try file.replaceContents(bytes)
            let log = try open(root).1
            #expect(try log.allBatches().map { try RecordBatchHeader($0).partitionLeaderEpoch } == [0, 0, 0])
            #expect(log.leaderEpoch == 1)
        }
    }
}
