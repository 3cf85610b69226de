import CommitLog
import KafkaProtocol
import PipelineTesting
import SystemPackage
import Testing

@Suite(.timeLimit(.minutes(15)))
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
            let total = Int64(Self.producers * Self.batches)
            // Each of those who follow is woken by appends, and at the end of them all.
            let signals = (0..<3).map { _ in AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for signal in signals.dropFirst() {
                    group.addTask { try await Self.follow(log, signal.stream, total: total) }
                }
                group.addTask {
                    for await _ in signals[0].stream {
                        try log.maintain(now: 1_000)
                        try log.flush()
                    }
                }
                try await withThrowingTaskGroup(of: Void.self) { producers in
                    for producer in 0..<Self.producers {
                        producers.addTask {
                            try Self.produce(Int64(producer), to: log) {
                                for signal in signals { signal.continuation.yield() }
                            }
                        }
                    }
                    defer { for signal in signals { signal.continuation.finish() } }
                    try await producers.waitForAll()
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
    private static func produce(_ producer: Int64, to log: PartitionLog, appended: () -> Void) throws {
        for sequence in 0..<Int32(batches) {
            let batch = TestBatch(producerID: producer, baseSequence: sequence, tag: "\(producer)/\(sequence)")
            let first = try log.append(batch)
            let second = try log.append(batch)
            #expect(second == .duplicate(baseOffset: first.baseOffset, lastOffset: first.lastOffset))
            appended()
        }
    }

    /// Reads as a consumer does and sees every offset once, in order, each producer's records in their order.
    private static func follow(_ log: PartitionLog, _ appends: AsyncStream<Void>, total: Int64) async throws {
        var next: Int64 = 0
        var sequences: [Int64: Int32] = [:]
        func readOn() throws {
            for batch in try log.allBatches(from: next, maxBytes: 700) {
                let header = try RecordBatchHeader(batch)
                try #require(header.baseOffset == next)
                try #require(header.baseSequence == sequences[header.producerID, default: 0])
                sequences[header.producerID] = header.baseSequence + 1
                next = header.nextOffset
            }
        }
        for await _ in appends { try readOn() }
        try readOn()
        #expect(next == total)
    }
}
