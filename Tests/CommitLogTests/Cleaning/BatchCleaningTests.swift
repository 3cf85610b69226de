import KafkaProtocol
import NIOCore
import PipelineTesting
import Testing

@testable import CommitLog

struct BatchCleaningTests {
    /// A batch at the offset 100 with a record for each key; a key in capitals is a tombstone's.
    private func batch(_ keys: [String], baseTimestamp: Int64 = 5_000, compression: Compression? = nil) -> ByteBuffer {
        var builder = RecordBatchBuilder()
        (builder.baseOffset, builder.partitionLeaderEpoch) = (100, 0)
        (builder.producerID, builder.producerEpoch, builder.baseSequence) = (7, 1, 40)
        for (index, key) in keys.enumerated() {
            let isTombstone = key != key.lowercased()
            builder.append(
                key: key.lowercased(),
                value: isTombstone ? nil : "v\(index)",
                timestamp: baseTimestamp + Int64(index)
            )
        }
        return compression.map { builder.build(compressedBy: $0) } ?? builder.build()
    }

    private func cleaning(newest: [String: Int64], end: Int64 = 1_000, now: Int64 = 10_000) -> BatchCleaning {
        var keys = KeyOffsets(forRecords: 100, bytesMax: 1 << 20)
        for (key, offset) in newest { _ = keys.put(key, offset) }
        return BatchCleaning(
            keys: keys,
            end: end,
            now: now,
            deleteRetention: 500,
            bounds: LogLimits.decompression(messageBytesMax: 1 << 20)
        )
    }

    private func rewritten(_ batch: ByteBuffer, by cleaning: BatchCleaning) throws -> ByteBuffer {
        guard case .rewritten(let bytes, _) = cleaning.outcome(for: batch, try RecordBatchHeader(batch)) else {
            throw UnreadableBatch()
        }
        try RecordBatchHeader(bytes).verify(bytes.readableBytesSpan)
        return bytes
    }

    @Test(arguments: [nil] + Compression.allCases.map(Optional.some))
    func whatStaysIsAsItWas(compression: Compression?) throws {
        let before = batch(["a", "b", "c", "d"], compression: compression)
        let after = try rewritten(before, by: cleaning(newest: ["a": 500, "b": 101, "d": 103, "c": 200]))
        var expected = try RecordBatchHeader(before)
        let header = try RecordBatchHeader(after)
        expected.recordCount = 2
        expected.batchLength = header.batchLength
        expected.checksum = header.checksum
        #expect(header == expected)
        #expect(try after.records() == before.records().filter { ["b", "d"].contains($0.key) })
        let bounds = LogLimits.decompression(messageBytesMax: 1 << 20)
        let codec = try #require(header.attributes.codec)
        let check = try RecordCheck.run(on: after.readableBytesSpan, header, codec, bounds)
        #expect(check.end() == nil)
    }

    @Test func theGreatestTimestampIsThatOfWhatStays() throws {
        let after = try rewritten(batch(["a", "b", "c"]), by: cleaning(newest: ["c": 900]))
        #expect(try RecordBatchHeader(after).maxTimestamp == 5_001)
    }

    @Test func aBatchOfNewestRecordsIsKept() throws {
        let batch = batch(["a", "b"])
        guard case .kept = cleaning(newest: ["a": 100]).outcome(for: batch, try RecordBatchHeader(batch)) else {
            Issue.record("it is not kept")
            return
        }
    }

    @Test func aBatchOfOldRecordsIsEmptied() throws {
        let batch = batch(["a", "a"])
        let outcome = cleaning(newest: ["a": 200]).outcome(for: batch, try RecordBatchHeader(batch))
        guard case .emptied(recordsRemoved: 2) = outcome else {
            Issue.record("it is \(outcome)")
            return
        }
    }

    @Test func recordsBeyondTheKnownKeysStay() throws {
        let after = try rewritten(batch(["a", "b", "a"]), by: cleaning(newest: ["a": 200, "b": 200], end: 101))
        #expect(try after.records().map(\.offset) == [101, 102])
    }

    @Test func recordsWithoutAKeyGo() throws {
        var builder = RecordBatchBuilder()
        builder.baseOffset = 100
        builder.append(key: nil, value: "lost", timestamp: 1)
        builder.append(key: "a", value: "kept", timestamp: 1)
        #expect(try rewritten(builder.build(), by: cleaning(newest: [:])).records().map(\.key) == ["a"])
    }

    /// The second cleaning after the horizon takes the tombstone; the timestamps do not change.
    @Test func aTombstoneGetsAHorizonAndGoesAfterIt() throws {
        let before = batch(["A", "b"])
        let first = try rewritten(before, by: cleaning(newest: ["a": 100, "b": 101]))
        #expect(try RecordBatchHeader(first).deleteHorizon == 10_500)
        #expect(try first.records() == before.records())
        let header = try RecordBatchHeader(first)
        guard case .kept = cleaning(newest: [:], now: 10_499).outcome(for: first, header) else {
            Issue.record("it went too early")
            return
        }
        let last = try rewritten(first, by: cleaning(newest: [:], now: 10_500))
        #expect(try last.records() == before.records().filter { $0.key == "b" })
        #expect(try RecordBatchHeader(last).deleteHorizon == 10_500)
    }

    /// As Kafka writes it: bit 6 of the attributes, the horizon in the place of the base timestamp, deltas from there.
    @Test func theBytesOfAHorizon() throws {
        let bytes = try rewritten(batch(["A"], baseTimestamp: 10_000), by: cleaning(newest: [:]))
        let expected: [UInt8] = [
            0, 0, 0, 0, 0, 0, 0, 100, 0, 0, 0, 58, 0, 0, 0, 0, 2,
        ]
        #expect(Array(bytes.readableBytesView.prefix(17)) == expected)
        let body: [UInt8] = [
            0, 0x40, 0, 0, 0, 0,  // attributes, last offset delta
            0, 0, 0, 0, 0, 0, 0x29, 0x04,  // 10,500: the horizon
            0, 0, 0, 0, 0, 0, 0x27, 0x10,  // 10,000: the greatest timestamp
            0, 0, 0, 0, 0, 0, 0, 7, 0, 1, 0, 0, 0, 40, 0, 0, 0, 1,
            16, 0, 0xE7, 0x07, 0, 2, 0x61, 1, 0,  // a delta of -500, the offset, the key, no value, no headers
        ]
        #expect(Array(bytes.readableBytesView.dropFirst(21)) == body)
    }

    @Test func whatCannotBeReadStays() throws {
        var bytes = batch(["a"], compression: .zstd)
        bytes.setInteger(UInt8(0), at: 61)
        guard case .kept = cleaning(newest: ["a": 900]).outcome(for: bytes, try RecordBatchHeader(bytes)) else {
            Issue.record("it is not kept")
            return
        }
    }
}
