import CommitLog
import Foundation
import KafkaProtocol
import KafkaTopics
import NIOCore
import PipelineTesting
import SystemPackage
import Testing

/// Compressed batches that an earlier version took unread are looked into before they are sent.
@Suite struct UncheckedBatchesTests {
    private let partition = TopicPartition(topic: "t", partition: 0)

    private func opened(_ root: FilePath) throws -> LogManager {
        var configuration = LogConfiguration()
        configuration.retentionMilliseconds = nil
        return try LogManager.open(root: root, defaults: configuration, calls: .withoutWaiting).manager
    }

    /// A root as an earlier version leaves it, with `batches` in it; their base offsets are right, nothing else is.
    private func withOldRoot(_ batches: [ByteBuffer], _ body: (PartitionLog) throws -> Void) throws {
        try withTemporaryDirectory { root in
            let manager = try opened(root)
            try manager.createTopic("t", partitions: 1, now: 1)
            let log = try #require(manager.log(for: partition))
            for batch in batches { try log.append(TestBatch(timestamps: Array(repeating: 1, count: count(batch)))) }
            try manager.close()
            try FileManager.default.removeItem(atPath: root.appending("unchecked-batches.json").string)
            try FileManager.default.removeItem(atPath: root.appending("t-0/checkpoint.json").string)
            var bytes: [UInt8] = []
            var offset: Int64 = 0
            for var batch in batches {
                batch.setInteger(offset, at: 0)
                batch.setInteger(Int32(0), at: 12)
                offset += Int64(count(batch))
                bytes += batch.readableBytesView
            }
            try root.appending("t-0/00000000000000000000.log").replaceContents(bytes)
            let again = try opened(root)
            try body(try #require(again.log(for: partition)))
            try again.close()
        }
    }

    /// The records that a batch says it has.
    private func count(_ batch: ByteBuffer) -> Int { Int(batch.getInteger(at: 57, as: Int32.self) ?? 0) }

    private func unreadable(_ compression: Compression, _ bytes: [UInt8], count: Int) -> ByteBuffer {
        var builder = RecordBatchBuilder()
        for index in 0..<count { builder.append(key: "k", value: "v", timestamp: Int64(index)) }
        return builder.build(compressedRecords: bytes, compression)
    }

    @Test(arguments: Compression.allCases)
    func anUnreadableBatchIsReplacedByOneWithoutRecords(compression: Compression) throws {
        let good = TestBatch(timestamps: [1, 2], compression: compression).buffer
        let bad = unreadable(compression, [1, 2, 3], count: 5)
        try withOldRoot([good, bad, TestBatch().buffer, good]) { log in
            #expect(log.uncheckedBelow == 10)
            let first = try #require(try log.read(from: 0, maxBytes: 1 << 20))
            guard case .right(let part) = try log.checked(first) else {
                Issue.record("the first batch is good")
                return
            }
            #expect(part.length == good.readableBytes)
            for isNew in [true, false] {
                let second = try #require(try log.read(from: 4, maxBytes: 1 << 20))
                guard case .replaced(let empty, let batch) = try log.checked(second) else {
                    Issue.record("the second batch is damaged")
                    return
                }
                #expect(batch.offsets == 2...6)
                #expect(batch.isNew == isNew)
                let header = try RecordBatchHeader(verifying: empty.readableBytesSpan)
                #expect(header.totalByteCount == empty.readableBytes)
                #expect(header.attributes.isControl)
                #expect(header.recordCount == 0 && header.baseOffset == 2 && header.nextOffset == 7)
            }
            let rest = try #require(try log.read(from: 7, maxBytes: 1 << 20))
            guard case .right(let all) = try log.checked(rest) else {
                Issue.record("the others are good")
                return
            }
            #expect(all.length == rest.length)
            #expect(try log.offset(forTimestamp: 2) != nil, "a lookup by time passes over it")
        }
    }

    @Test func whatComesLaterIsCheckedAlready() throws {
        try withTemporaryDirectory { root in
            let manager = try opened(root)
            try manager.createTopic("t", partitions: 1, now: 1)
            let log = try #require(manager.log(for: partition))
            try log.append(TestBatch(compression: .zstd))
            #expect(log.uncheckedBelow == 0)
            try manager.close()
            let again = try opened(root)
            #expect(again.log(for: partition)?.uncheckedBelow == 0)
            try again.close()
        }
    }
}
