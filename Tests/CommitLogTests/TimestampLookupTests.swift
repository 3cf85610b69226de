import CommitLog
import Foundation
import KafkaProtocol
import NIOCore
import PipelineTesting
import SystemPackage
import Testing

@Suite(.timeLimit(.minutes(15)))
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
                log.configure { $0.retentionBytes = Int.random(in: 0...6_000, using: &random) }
                let start = Int(try log.applyRetention(now: 0).logStartOffset)
                if reopens { log = try PartitionLog.opened(path) }
                for time in Int64(-1)...300 {
                    let found = try log.offset(forTimestamp: time)
                    try #require(found == expected(timestamps, notBefore: time, from: start), "time \(time)")
                }
            }
        }
    }

    @Test func aSegmentThatRetentionJustDeletedIsLeftOut() throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path)
            while log.segmentCount < 3 { try log.append(TestBatch(timestamps: [log.endOffset])) }
            let second = try #require(try path.files("log").dropFirst().first?.stem.flatMap { Int64($0) })
            let slice = try #require(try log.read(from: 0, maxBytes: 1))
            for name in ["log", "index", "timeindex"] {
                try FileManager.default.removeItem(atPath: try #require(try path.files(name).first).string)
            }
            #expect(try log.offset(forTimestamp: 0)?.offset == second)
            #expect(try log.offsetOfLargestTimestamp()?.offset == log.endOffset - 1)
            #expect(try log.read(from: second - 1, maxBytes: 1)?.baseOffset == second - 1, "who has it open reads on")
            #expect(try slice.bytes().readableBytes > 0)
        }
    }

    @Test func damageIsNotTakenForTheEnd() throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path)
            while log.segmentCount < 2 { try log.append(TestBatch(timestamps: [log.endOffset])) }
            let file = try #require(try path.files("log").first)
            var bytes = try file.contents()
            let last = try #require(try log.read(from: log.endOffset - 2, maxBytes: 1))
            bytes[last.position + 16] = 0
            try file.replaceContents(bytes)
            let error = #expect(throws: LogError.self) { try log.offset(forTimestamp: last.baseOffset) }
            #expect(error?.code == .damaged)
            #expect(try log.offset(forTimestamp: 0)?.offset == 0, "what is before it is found")
        }
    }

    @Test(arguments: Compression.allCases)
    func recordsOfACompressedBatchAreFoundByTheirOwnTime(compression: Compression) throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path)
            try log.append(TestBatch(timestamps: [1, 2, 3]))
            try log.append(TestBatch(timestamps: [4, 6, 5, 7], compression: compression))
            #expect(try log.offset(forTimestamp: 3)?.offset == 2)
            #expect(try log.offset(forTimestamp: 4)?.offset == 3)
            #expect(try log.offset(forTimestamp: 5) == TimestampedOffset(offset: 4, timestamp: 6))
            #expect(try log.offset(forTimestamp: 7)?.offset == 6)
            #expect(try log.offset(forTimestamp: 8) == nil)
            #expect(try log.offsetOfLargestTimestamp()?.offset == 6)
        }
    }
}
