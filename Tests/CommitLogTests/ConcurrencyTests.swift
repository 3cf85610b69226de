import CommitLog
import KafkaProtocol
import PipelineTesting
import SystemPackage
import Testing

@Suite(.timeLimit(.minutes(5)))
struct ConcurrencyTests {
    private static let producers = 4
    private static let batches = 150

    @Test(arguments: [FlushPolicy.os, .always])
    func producersReadersAndMaintenanceDoNotDisturbOneAnother(policy: FlushPolicy) async throws {
        try await withTemporaryDirectory { path in
            var configuration = LogConfiguration.small
            configuration.segmentBytes = 3_000
            configuration.flushPolicy = policy
            let log = try PartitionLog.opened(path, configuration)
            let count = policy == .always ? 20 : Self.batches
            let total = Int64(Self.producers * count)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for producer in 0..<Self.producers {
                    group.addTask { try Self.produce(Int64(producer), count, to: log) }
                }
                for _ in 0..<2 { group.addTask { try await Self.followToEnd(of: log, total: total) } }
                group.addTask {
                    while log.endOffset < total {
                        try log.maintain(now: 1_000)
                        try log.flush()
                        await Task.yield()
                    }
                }
                try await group.waitForAll()
            }
            if policy == .always { #expect(log.flushedOffset == total) }
            try log.close()
            let again = try PartitionLog.opened(path, configuration)
            #expect(try again.allBatches().count == Int(total))
        }
    }

    /// Sends every batch twice; the second one is a duplicate of the same offset.
    private static func produce(_ producer: Int64, _ count: Int, to log: PartitionLog) throws {
        for sequence in 0..<Int32(count) {
            let batch = TestBatch(producerID: producer, baseSequence: sequence, tag: "\(producer)/\(sequence)")
            let first = try log.append(batch)
            let second = try log.append(batch)
            #expect(second == .duplicate(baseOffset: first.baseOffset, lastOffset: first.lastOffset))
        }
    }

    /// Reads as a consumer does and sees every offset once, in order, each producer's records in their order.
    private static func followToEnd(of log: PartitionLog, total: Int64) async throws {
        var next: Int64 = 0
        var sequences: [Int64: Int32] = [:]
        while next < total {
            for batch in try log.allBatches(from: next, maxBytes: 700) {
                let header = try RecordBatchHeader(batch)
                try #require(header.baseOffset == next)
                try #require(header.baseSequence == sequences[header.producerID, default: 0])
                sequences[header.producerID] = header.baseSequence + 1
                next = header.nextOffset
            }
            await Task.yield()
        }
    }
}
