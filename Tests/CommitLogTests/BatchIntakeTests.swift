import KafkaProtocol
import KafkaTopics
import NIOCore
import PipelineTesting
import SystemPackage
import Testing

@testable import CommitLog

/// What a topic's settings make of the batches that it takes.
@Suite(.timeLimit(.minutes(15)))
struct BatchIntakeTests {
    private static func configuration(_ change: (inout LogConfiguration) -> Void) -> LogConfiguration {
        var configuration = LogConfiguration()
        change(&configuration)
        return configuration
    }

    private static func builder(_ sizes: [Int] = [20, 70_000, 0, 300], timestamp: Int64 = 1_000) -> RecordBatchBuilder {
        var builder = RecordBatchBuilder()
        builder.producerID = 7
        builder.producerEpoch = 1
        builder.baseSequence = 5
        for (index, size) in sizes.enumerated() {
            builder.append(
                key: "k\(index)",
                value: String(repeating: "v\(index)", count: size / 2),
                timestamp: timestamp + Int64(index)
            )
        }
        return builder
    }

    /// The bytes of a batch's records, decompressed.
    private static func records(of batch: ByteBuffer) throws -> [UInt8] {
        let header = try RecordBatchHeader(batch)
        try header.verify(batch.readableBytesSpan)
        let codec = try #require(header.attributes.codec)
        var records: [UInt8] = []
        let bounds = RecordDecompressor.Bounds(bytesMax: 64 << 20, wholeBytesMax: 64 << 20)
        let compressed = batch.readableBytesSpan.extracting(droppingFirst: RecordBatchHeader.byteCount)
        try RecordDecompressor.decompress(compressed, codec, bounds) { piece in
            piece.withUnsafeBytes { records += $0 }
            return true
        }
        return records
    }

    // MARK: compression.type

    @Test(arguments: TopicCompression.allCases, [nil] + Compression.allCases)
    func aTopicHasItsOwnCompression(kept: TopicCompression, sent: Compression?) throws {
        try withTemporaryDirectory { path in
            let configuration = Self.configuration { $0.compression = kept }
            let log = try PartitionLog.opened(path, configuration)
            let builder = Self.builder()
            let batch = sent.map { builder.build(compressedBy: $0) } ?? builder.build()
            #expect(try log.append(batch: batch, now: 1) == .appended(baseOffset: 0, lastOffset: 3))
            #expect(try log.append(batch: batch, now: 1) == .duplicate(baseOffset: 0, lastOffset: 3))

            let stored = try #require(try log.allBatches().first)
            var header = try RecordBatchHeader(stored)
            let codec = configuration.recordCompression?.codec
            #expect(header.attributes.codec == codec ?? CompressionCodec(rawValue: sent?.codecNumber ?? 0))
            #expect(try Self.records(of: stored) == Self.records(of: builder.build()))
            var expected = try RecordBatchHeader(batch)
            if header.attributes.codec == expected.attributes.codec {
                #expect(stored.readableBytesView.dropFirst(16) == batch.readableBytesView.dropFirst(16), "bytes kept")
            }
            // The rest of the header is the producer's.
            (expected.attributes.codec, expected.batchLength) = (header.attributes.codec, header.batchLength)
            (expected.checksum, header.partitionLeaderEpoch) = (header.checksum, -1)
            #expect(header == expected)
            try log.close()
            #expect(try PartitionLog.opened(path, configuration).allBatches() == [stored])
        }
    }

    @Test(
        arguments: [
            ("gzip", [-1, 1, 9]), ("lz4", [1, 9, 17]), ("zstd", [-131_072, 0, 3, 6, 22]),
        ] as [(String, [Int])]
    )
    func everyLevelCanBeRead(codec: String, levels: [Int]) throws {
        for level in levels {
            let configuration = try LogConfiguration().applying([
                "compression.type": codec, "compression.\(codec).level": "\(level)", "max.message.bytes": "4000000",
            ])
            try withTemporaryDirectory { path in
                let log = try PartitionLog.opened(path, configuration)
                let batch = Self.builder([3_000_000, 500]).build(compressedBy: .snappy)
                _ = try log.append(batch: batch, now: 1)
                let stored = try #require(try log.allBatches().first)
                #expect(try Self.records(of: stored) == Self.records(of: batch), "level \(level)")
            }
        }
    }

    @Test(arguments: [TopicCompression.uncompressed, .snappy])
    func whatBecomesTooLargeIsRefused(kept: TopicCompression) throws {
        try withTemporaryDirectory { path in
            let configuration = Self.configuration {
                $0.compression = kept
                $0.messageBytesMax = 2_000
            }
            let log = try PartitionLog.opened(path, configuration)
            let batch = Self.builder([900_000]).build(compressedBy: .zstd)
            #expect(batch.readableBytes < 2_000)
            let error = #expect(throws: LogError.self) { try log.append(batch: batch, now: 1) }
            #expect(error?.code == .messageTooLarge)
            #expect(error?.description.contains("compression.type=\(kept.rawValue)") == true)
            #expect(log.endOffset == 0)
            log.configure { $0.messageBytesMax = 1 << 20 }
            #expect(try log.append(batch: batch, now: 1).baseOffset == 0)
        }
    }

    @Test(arguments: Compression.allCases)
    func whatCannotBeReadIsRefusedAsElsewhere(compression: Compression) throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path, Self.configuration { $0.compression = .uncompressed })
            let builder = Self.builder()
            let others = Self.builder([5])
            let whole = compression.compress([UInt8](builder.build().readableBytesView.dropFirst(61)))
            let wrong = compression.compress([UInt8](others.build().readableBytesView.dropFirst(61)))
            for bytes in [wrong, Array(whole.dropLast()), whole + [0], []] {
                let batch = builder.build(compressedRecords: bytes, compression)
                let error = #expect(throws: LogError.self) { try log.append(batch: batch, now: 1) }
                #expect(error?.code == .invalidRecord)
            }
            let bomb = Self.builder([LogLimits.decompressedBytesMax + 1]).build(compressedBy: compression, level: 9)
            log.configure { $0.compression = compression == .zstd ? .gzip : .zstd }
            log.configure { $0.messageBytesMax = 4 << 20 }
            #expect(#expect(throws: LogError.self) { try log.append(batch: bomb, now: 1) }?.code == .messageTooLarge)
            #expect(log.endOffset == 0)
        }
    }

    // MARK: message.timestamp.type

    @Test(arguments: [nil, .zstd] as [Compression?], [TopicCompression.producer, .lz4])
    func theLogGivesItsOwnTimestamps(sent: Compression?, kept: TopicCompression) throws {
        try withTemporaryDirectory { path in
            let configuration = Self.configuration {
                $0.timestampType = .logAppendTime
                $0.compression = kept
                $0.timestampBeforeMilliseconds = 0
            }
            let log = try PartitionLog.opened(path, configuration)
            let builder = Self.builder(timestamp: 77)
            let batch = sent.map { builder.build(compressedBy: $0) } ?? builder.build()
            let first = try log.append(batch: batch, now: 1, timeOfDay: 5_000)
            #expect(first == .appended(baseOffset: 0, lastOffset: 3, time: 5_000))
            let again = try log.append(batch: batch, now: 2, timeOfDay: 6_000)
            #expect(again == .duplicate(baseOffset: 0, lastOffset: 3, time: 5_000), "the time that it has in the log")

            let stored = try #require(try log.allBatches().first)
            let header = try RecordBatchHeader(stored)
            #expect(header.attributes.timestampType == .logAppendTime)
            #expect(header.maxTimestamp == 5_000)
            #expect(header.baseTimestamp == 77, "the records' own timestamps are added to it")
            #expect(try Self.records(of: stored) == Self.records(of: batch))

            _ = try log.append(TestBatch(timestamps: [1, 2]))
            for log in [log, try PartitionLog.opened(path, configuration)] {
                #expect(try log.offset(forTimestamp: 78) == TimestampedOffset(offset: 0, timestamp: 5_000))
                #expect(try log.offset(forTimestamp: 5_001) == nil)
                #expect(try log.offsetOfLargestTimestamp() == TimestampedOffset(offset: 0, timestamp: 5_000))
                #expect(try log.offset(forTimestamp: 1) == TimestampedOffset(offset: 0, timestamp: 5_000))
            }
            _ = try log.deleteRecords(before: 2)
            #expect(try log.offset(forTimestamp: 5_000) == TimestampedOffset(offset: 2, timestamp: 5_000))
        }
    }

    @Test func bothKindsOfTimestampsLieInOneLog() throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path)
            try log.append(TestBatch(timestamps: [300, 400]))
            log.configure { $0.timestampType = .logAppendTime }
            #expect(try log.append(batch: TestBatch(timestamps: [1, 1]).buffer, now: 1, timeOfDay: 350).time == 350)
            log.configure { $0.timestampType = .createTime }
            #expect(try log.append(TestBatch(timestamps: [500])).time == nil)
            #expect(try log.offset(forTimestamp: 301) == TimestampedOffset(offset: 1, timestamp: 400))
            #expect(try log.offset(forTimestamp: 401) == TimestampedOffset(offset: 4, timestamp: 500))
            #expect(try log.allBatches().map { try RecordBatchHeader($0).maxTimestamp } == [400, 350, 500])
        }
    }

    // MARK: message.timestamp.before.max.ms, message.timestamp.after.max.ms

    /// Timestamps at the time 10 000, and the first that is refused, with 1 000 ms before and 200 ms after.
    static let times: [([Int64], refused: Int32?)] = [
        ([9_000, 10_200, 9_500], nil), ([8_999], 0), ([10_000, 10_201, 1], 1), ([-1, -1], nil), ([10_000, -2], 1),
        ([.max], 0), ([.min], 0),
    ]

    @Test(arguments: times.indices, [nil, .gzip] as [Compression?])
    func timestampsThatAreTooFarAwayAreRefused(index: Int, compression: Compression?) throws {
        let (timestamps, refused) = Self.times[index]
        for kept in [TopicCompression.producer, .zstd, .uncompressed] {
            try withTemporaryDirectory { path in
                let configuration = Self.configuration {
                    $0.timestampBeforeMilliseconds = 1_000
                    $0.timestampAfterMilliseconds = 200
                    $0.compression = kept
                }
                let log = try PartitionLog.opened(path, configuration)
                let batch = TestBatch(timestamps: timestamps, compression: compression).buffer
                do throws(LogError) {
                    _ = try log.append(batch: batch, now: 1, timeOfDay: 10_000)
                    #expect(refused == nil)
                } catch {
                    #expect(error.code == .invalidTimestamp)
                    #expect(error.records.first == refused)
                    #expect(error.description.contains("from 9000 to 10200"))
                    #expect(log.endOffset == 0)
                }
            }
        }
    }

    // MARK: flush.messages, segment.jitter.ms

    @Test func soManyRecordsAreForcedToTheDevice() throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path, Self.configuration { $0.flushMessages = 3 })
            var flushed: [Int64] = []
            for count in [1, 1, 1, 2, 2, 5] {
                try log.append(TestBatch(timestamps: Array(repeating: 1, count: count)))
                flushed.append(log.flushedOffset)
            }
            #expect(flushed == [0, 0, 3, 3, 7, 12])
            #expect(log.appendWork == .flushes)
        }
    }

    @Test func segmentsAreSealedAtAgesOfTheirOwn() throws {
        try withTemporaryDirectory { path in
            let configuration = Self.configuration {
                $0.segmentMilliseconds = 100_000
                $0.segmentJitterMilliseconds = 40_000
            }
            func age(of name: String) throws -> Int64 {
                let log = try PartitionLog.opened(path.appending(name), configuration, now: 0)
                try log.append(TestBatch(), now: 0)
                let age = try #require(
                    try stride(from: Int64(0), through: 100_000, by: 500).first { now in
                        try log.maintain(now: now)
                        return log.segmentCount == 2
                    }
                )
                return age
            }
            let ages = try (0..<12).map { try age(of: "events-\($0)") }
            #expect(ages.allSatisfy { 60_000...100_000 ~= $0 })
            #expect(Set(ages).count > 6, "\(ages)")
        }
    }
}
