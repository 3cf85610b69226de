import Checksums
import CommitLog
import KafkaProtocol
import KafkaTopics
import NIOCore
import PipelineTesting
import SystemPackage
import Testing

@Suite(.timeLimit(.minutes(15)))
struct BatchCheckTests {
    private func refusal(_ batch: ByteBuffer, _ configuration: LogConfiguration = .small) throws -> LogError.Code? {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path, configuration)
            do throws(LogError) {
                _ = try log.append(batch: batch, now: 1)
                return nil
            } catch {
                #expect(log.endOffset == 0)
                #expect(log.byteCount == 0)
                return error.code
            }
        }
    }

    /// A batch with `change` made to its bytes and its CRC made right again.
    private func forged(_ batch: TestBatch = TestBatch(timestamps: [1, 2]), _ change: (inout ByteBuffer) -> Void)
        -> ByteBuffer
    {
        var bytes = batch.buffer
        change(&bytes)
        let checksum = CRC32C.checksum(of: bytes.readableBytesSpan.extracting(21..<bytes.readableBytes))
        bytes.setInteger(checksum, at: 17)
        return bytes
    }

    @Test func aWholeBatchIsTaken() throws {
        #expect(try refusal(forged { _ in }) == nil)
    }

    @Test func anyChangedByteAfterTheMagicIsFound() throws {
        let whole = TestBatch().buffer
        for index in 17..<whole.readableBytes {
            var batch = whole
            batch.setInteger(UInt8(truncatingIfNeeded: (batch.getInteger(at: index) ?? UInt8(0)) ^ 0x10), at: index)
            #expect(try refusal(batch) == .corruptBatch, "byte \(index)")
        }
    }

    @Test(arguments: [0, 1, 3] as [Int8])
    func otherFormatsAreToldApartFromDamage(magic: Int8) throws {
        #expect(try refusal(forged { $0.setInteger(magic, at: 16) }) == .unsupportedFormat)
    }

    @Test func aShorterBatchIsFound() throws {
        let whole = TestBatch().buffer
        for length in 0..<whole.readableBytes {
            #expect(try refusal(try #require(whole.getSlice(at: 0, length: length))) == .corruptBatch)
        }
    }

    @Test func twoBatchesInOneAreRefused() throws {
        var bytes = TestBatch().buffer
        bytes.writeImmutableBuffer(TestBatch().buffer)
        #expect(try refusal(bytes) == .invalidRecord)
    }

    @Test func controlTransactionalAndServerTimedBatchesAreRefused() throws {
        #expect(try refusal(forged { $0.setInteger(Int16(0x20), at: 21) }) == .invalidRecord)
        #expect(try refusal(forged { $0.setInteger(Int16(0x08), at: 21) }) == .invalidTimestamp)
        #expect(try refusal(TestBatch(producerID: 1, isTransactional: true).buffer) == .invalidRecord)
    }

    @Test func anUnknownCodecIsRefused() throws {
        #expect(try refusal(forged { $0.setInteger(Int16(0x07), at: 21) }) == .invalidRecord)
    }

    /// The number of records and the last offset delta.
    static let counts: [(Int32, Int32)] = [(1, .max), (.max, .max), (2, 2), (0, 0), (-1, 0), (3, 1), (2, -1)]

    @Test(arguments: counts)
    func aCountThatTheLastOffsetDoesNotFitIsRefused(count: Int32, lastOffsetDelta: Int32) throws {
        let batch = forged {
            $0.setInteger(lastOffsetDelta, at: 23)
            $0.setInteger(count, at: 57)
        }
        #expect(try refusal(batch) == .invalidRecord)
    }

    @Test func aProducerIDWithoutASequenceIsRefused() throws {
        #expect(try refusal(forged { $0.setInteger(Int64(7), at: 43) }) == .invalidRecord)
    }

    @Test func recordsThatDoNotFillTheBatchAreRefused() throws {
        // One record more, and one less, than there are.
        for count in [Int32(3), 1] {
            let batch = forged {
                $0.setInteger(count - 1, at: 23)
                $0.setInteger(count, at: 57)
            }
            #expect(try refusal(batch) == .invalidRecord)
        }
        // The first record claims more bytes than there are.
        #expect(try refusal(forged { $0.setInteger(UInt8(0x7E), at: 61) }) == .invalidRecord)
    }

    @Test func aBatchLargerThanTheTopicTakesIsRefused() throws {
        var configuration = LogConfiguration.small
        let batch = TestBatch().buffer
        configuration.messageBytesMax = batch.readableBytes
        #expect(try refusal(batch, configuration) == nil)
        configuration.messageBytesMax -= 1
        #expect(try refusal(batch, configuration) == .messageTooLarge)
    }
}

/// What a log accepts can be read: malformed records are refused when they are appended.
@Suite(.timeLimit(.minutes(15)))
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
    func malformedRecordsAreRefused(index: Int) throws {
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
