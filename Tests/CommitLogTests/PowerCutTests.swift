import Files
import KafkaProtocol
import KafkaTopics
import NIOCore
import PipelineTesting
import SystemPackage
import Testing

@testable import CommitLog

/// The power goes at any moment, again and again, and the device has what was forced to it and perhaps more.
@Suite(.timeLimit(.minutes(15)))
struct PowerCutTests {
    /// What an outside observer knows of the log: a consumer that has stored records durably.
    private struct Outside {
        /// Batches that were read, by their base offset.
        var filed: [Int64: ByteBuffer] = [:]
        /// All records before it were forced to the device, but for those that an earlier cut took.
        var durableEnd: Int64 = 0
        var gone: Set<Int64> = []

        var end: Int64 { filed.values.compactMap { try? RecordBatchHeader($0).nextOffset }.max() ?? 0 }
    }

    private let partition = TopicPartition(topic: "a", partition: 0)
    /// Each maintenance notes a recovery point.
    private let configuration = {
        var configuration = LogConfiguration.small
        (configuration.recoveryPointBytes, configuration.recoveryPointMilliseconds) = (1, 0)
        return configuration
    }()

    @Test(arguments: Seeds.chosen(Array(1...60)))
    func noOffsetIsGivenTwiceAndNothingForcedIsLost(seed: UInt64) throws {
        try withSeed(seed) { generator in
            try withTemporaryDirectory { path in
                var root = path.appending("life-0")
                try root.makeDirectory()
                var outside = Outside()
                for life in 0..<4 {
                    let disk = try PowerLoss(below: root)
                    // What was known at which operation; a cut takes back what came later.
                    var history = [(0, outside)]
                    try live(root, disk, boot: "\(life)", &outside, &history, &generator)
                    let cut = Int.random(in: disk.operationCount / 2...disk.operationCount, using: &generator)
                    outside = history.last { $0.0 <= cut }?.1 ?? Outside()
                    root = path.appending("life-\(life + 1)")
                    try disk.materialize(in: root, after: cut, using: &generator)
                }
            }
        }
    }

    /// One life of the log, between two cuts. The process may be killed and started again in it.
    private func live(
        _ root: FilePath,
        _ disk: PowerLoss,
        boot: String,
        _ outside: inout Outside,
        _ history: inout [(Int, Outside)],
        _ generator: inout SeededGenerator
    ) throws {
        for start in 0..<Int.random(in: 1...3, using: &generator) {
            let manager = try LogManager.open(
                root: root,
                defaults: configuration,
                readings: .inBoot(boot),
                calls: disk.calls
            ).manager
            _ = try manager.begin()
            if manager.topic(named: "a") == nil { try manager.createTopic("a", partitions: 1, now: 1_000) }
            let log = try #require(manager.log(for: partition))
            try check(log, &outside)
            history.append((disk.operationCount, outside))
            for step in 0..<Int.random(in: 1...25, using: &generator) {
                switch Int.random(in: 0..<10, using: &generator) {
                case 0:
                    try log.flush()
                    outside.durableEnd = log.flushedOffset
                case 1:
                    let results = manager.maintain(now: 1_000)
                    #expect(
                        results.values.allSatisfy { result in (try? result.get()).map { $0.failure == nil } == true }
                    )
                case 2, 3:
                    for batch in try log.allBatches() where try RecordBatchHeader(batch).recordCount > 0 {
                        outside.filed[try RecordBatchHeader(batch).baseOffset] = batch
                    }
                default:
                    let outcome = try log.append(TestBatch(timestamps: [1, 2], tag: "\(boot)-\(start)-\(step)"))
                    #expect(outcome.baseOffset >= outside.end, "an offset that was filed is given again")
                }
                history.append((disk.operationCount, outside))
            }
            if generator.chance(1, in: 4) {
                let end = log.endOffset
                try manager.close()
                outside.durableEnd = end
                history.append((disk.operationCount, outside))
            }
        }
    }

    private func check(_ log: PartitionLog, _ outside: inout Outside) throws {
        var found: [Int64: ByteBuffer] = [:]
        for batch in try log.allBatches() where try RecordBatchHeader(batch).recordCount > 0 {
            let header = try RecordBatchHeader(batch)
            for offset in header.baseOffset...header.lastOffset { found[offset] = batch }
        }
        for (offset, batch) in outside.filed {
            try checkEpoch(of: offset, batch, log, found)
            if let there = found[offset] {
                #expect(there == batch, "another record has offset \(offset)")
            } else if outside.gone.insert(offset).inserted {
                #expect(offset >= outside.durableEnd, "offset \(offset) was forced to the device and is gone")
            }
        }
        #expect(log.endOffset >= outside.end)
    }

    /// A reader that knows a record's epoch learns by the end of the epoch whether the log still has the record (KIP-320),
    /// unless others of the epoch are behind it.
    private func checkEpoch(
        of offset: Int64,
        _ batch: ByteBuffer,
        _ log: PartitionLog,
        _ found: [Int64: ByteBuffer]
    ) throws {
        let epoch = try RecordBatchHeader(batch).partitionLeaderEpoch
        let end = try #require(log.end(ofEpoch: epoch), "epoch \(epoch) was used")
        let isThere = found[offset] != nil
        if offset < end.endOffset {
            let isThereOrPassed =
                try isThere || found.contains { try $0 > offset && RecordBatchHeader($1).partitionLeaderEpoch == epoch }
            #expect(isThereOrPassed, "the end of epoch \(epoch), \(end), hides that offset \(offset) is gone")
        } else {
            #expect(!isThere, "the end of epoch \(epoch), \(end), denies offset \(offset)")
        }
    }
}
