import Checksums
import CommitLog
import KafkaProtocol
import KafkaTopics
import NIOCore
import PipelineTesting
import SystemPackage
import Testing

/// What a log takes can be read: records that cannot are refused when they come.
@Suite(.timeLimit(.minutes(5)))
struct RecordCheckTests {
    /// The bytes of one record, and whether it is one. Its fields: length, attributes, timestamp delta, offset delta,
    /// key, value, number of headers, headers; numbers are zigzag.
    static let records: [(bytes: [UInt8], isOne: Bool)] = [
        ([0x0C, 0, 0, 0, 0x01, 0x01, 0], true),
        ([0x10, 0, 0, 0, 0x02, 0xFF, 0x02, 0xFF, 0], true),
        // A header whose key is not UTF-8, with a null value; with a null key.
        ([0x12, 0, 0, 0, 0x01, 0x01, 0x02, 0x02, 0xFF, 0x01], true),
        ([0x10, 0, 0, 0, 0x01, 0x01, 0x02, 0x01, 0x01], false),
        // One byte long; none.
        ([0x02, 0], false),
        ([0x00], false),
        // Of another offset.
        ([0x0C, 0, 0, 0x02, 0x01, 0x01, 0], false),
        // A key of -2 bytes, of more than there are.
        ([0x0C, 0, 0, 0, 0x03, 0x01, 0], false),
        ([0x0C, 0, 0, 0, 0x7E, 0x01, 0], false),
        // -1 headers, and one that is not there.
        ([0x0C, 0, 0, 0, 0x01, 0x01, 0x01], false),
        ([0x0C, 0, 0, 0, 0x01, 0x01, 0x02], false),
        // Longer and shorter than its fields.
        ([0x0E, 0, 0, 0, 0x01, 0x01, 0, 0], false),
        ([0x0A, 0, 0, 0, 0x01, 0x01, 0], false),
        // A length that does not end; a timestamp of ten bytes, and of more than 64 bits.
        ([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], false),
        ([0x1E, 0] + [UInt8](repeating: 0xFF, count: 9) + [0x01, 0, 0x01, 0x01, 0], true),
        ([0x1E, 0] + [UInt8](repeating: 0xFF, count: 9) + [0x02, 0, 0x01, 0x01, 0], false),
    ]

    @Test(arguments: records.indices)
    func whatIsNoRecordIsRefused(index: Int) throws {
        var builder = RecordBatchBuilder()
        builder.append(key: nil, value: nil, timestamp: 5)
        let batch = builder.build(records: ByteBuffer(bytes: Self.records[index].bytes), codec: .none)
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path)
            if Self.records[index].isOne {
                _ = try log.append(batch: batch, now: 1)
                _ = try log.offset(forTimestamp: 5)
            } else {
                let error = #expect(throws: LogError.self) { _ = try log.append(batch: batch, now: 1) }
                #expect(error?.code == .invalidRecord)
            }
        }
    }

    @Test(arguments: [0, 1])
    func headersAreTakenUpToTheLimit(beyond: Int) throws {
        var builder = RecordBatchBuilder()
        let header = RecordHeader(name: "", value: nil)
        let headers = Array(repeating: header, count: Limits.headersPerRecordMax + beyond)
        builder.append(key: nil, value: nil, timestamp: 5, headers: headers)
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path)
            let outcome = Result { try log.append(batch: builder.build(), now: 1) }
            #expect((try? outcome.get()) == (beyond == 0 ? .appended(baseOffset: 0, lastOffset: 0) : nil))
        }
    }

    /// Any bytes with a right CRC are refused or can be read again.
    @Test(arguments: Seeds.chosen([1, 2, 3, 4]))
    func whatIsTakenCanBeRead(seed: UInt64) throws {
        try withSeed(seed) { random in
            try withTemporaryDirectory { path in
                let log = try PartitionLog.opened(path, LogConfiguration())
                var taken = 0
                for _ in 0..<2_000 {
                    let batch = Self.mutated(using: &random)
                    let outcome: AppendOutcome
                    do throws(LogError) {
                        outcome = try log.append(batch: batch, now: 1)
                    } catch {
                        continue
                    }
                    taken += 1
                    try Self.read(batch, outcome)
                }
                #expect(taken > 0)
                let (again, report) = try PartitionLog.open(directory: path, configuration: .init(), now: 1)
                #expect(report.bytesCut == 0)
                #expect(again.endOffset == log.endOffset)
                #expect(try again.allBatches().count == taken)
            }
        }
    }

    private static func mutated(using random: inout SeededGenerator) -> ByteBuffer {
        var batch = TestBatch(timestamps: [1, 2, 3], valueBytes: .random(in: 0...80, using: &random)).buffer
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            // Behind the checksum; the fields of the first records as often as all others.
            let end = random.chance(1, in: 2) ? batch.readableBytes : 75
            let index = Int.random(in: RecordBatchHeader.checksummedFrom..<end, using: &random)
            let byte: UInt8? =
                random.chance(1, in: 3) ? [0, 1, 2, 0x7F, 0x80, 0xFF].randomElement(using: &random) : nil
            batch.setInteger(byte ?? UInt8.random(in: 0...255, using: &random), at: index)
        }
        batch.setInteger(CRC32C.checksum(of: batch.readableBytesSpan.extracting(21..<batch.readableBytes)), at: 17)
        return batch
    }

    private static func read(_ batch: ByteBuffer, _ outcome: AppendOutcome) throws {
        let header = try RecordBatchHeader(batch)
        try #require(outcome.lastOffset - outcome.baseOffset == Int64(header.lastOffsetDelta))
        guard header.attributes.codec == CompressionCodec.none else { return }
        var records = try RecordIterator(batch)
        var offset = header.baseOffset
        while let record = try records.next() {
            try #require(record.offset == offset)
            offset += 1
        }
        try #require(offset == header.nextOffset)
    }
}
