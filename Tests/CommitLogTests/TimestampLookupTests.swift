import CommitLog
import KafkaProtocol
import PipelineTesting
import SystemPackage
import Testing

@Suite(.timeLimit(.minutes(5)))
struct TimestampLookupTests {
    /// What ``PartitionLog/offset(forTimestamp:)`` must find among records given in the order of their offsets.
    private func expected(_ timestamps: [Int64], notBefore timestamp: Int64, from start: Int) -> TimestampedOffset? {
        timestamps.indices.first { $0 >= start && timestamps[$0] >= timestamp }
            .map { TimestampedOffset(offset: Int64($0), timestamp: timestamps[$0]) }
    }

    @Test(arguments: Seeds.chosen([1, 2, 3, 4, 5, 6]), [true, false])
    func theFirstRecordNotOlderIsFound(seed: UInt64, reopens: Bool) throws {
        try withSeed(seed) { random in
            try withTemporaryDirectory { path in
                var log = try PartitionLog.opened(path)
                var timestamps: [Int64] = []
                for _ in 0..<60 {
                    // Out of order, with repetitions and gaps.
                    let batch = (0..<Int.random(in: 1...4, using: &random)).map { _ in
                        Int64(timestamps.count + Int.random(in: 0...60, using: &random))
                    }
                    try log.append(TestBatch(timestamps: batch))
                    timestamps += batch
                }
                let start = Int.random(in: 0..<timestamps.count, using: &random)
                try log.deleteRecords(before: Int64(start))
                if reopens { log = try PartitionLog.opened(path) }
                for time in Int64(-1)...300 {
                    let found = try log.offset(forTimestamp: time)
                    try #require(found == expected(timestamps, notBefore: time, from: start), "time \(time)")
                }
            }
        }
    }

    @Test func aCompressedBatchIsFoundAsAWhole() throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path)
            try log.append(TestBatch(timestamps: [1, 2, 3]))
            try log.append(TestBatch(timestamps: [4, 5, 6], codec: .zstd))
            #expect(try log.offset(forTimestamp: 3)?.offset == 2)
            #expect(try log.offset(forTimestamp: 6)?.offset == 3, "no record from 6 on lies before it")
            #expect(try log.offset(forTimestamp: 7) == nil)
        }
    }
}
