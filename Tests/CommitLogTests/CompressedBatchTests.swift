import Foundation
import KafkaProtocol
import KafkaTopics
import NIOCore
import PipelineTesting
import SystemPackage
import Testing

@testable import CommitLog

/// Compressed batches are checked when they come, as uncompressed ones are.
@Suite(.timeLimit(.minutes(15)))
struct CompressedBatchTests {
    private func refusal(
        _ batch: ByteBuffer,
        _ configuration: LogConfiguration = LogConfiguration()
    ) throws -> LogError.Code? {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path, configuration)
            do throws(LogError) {
                _ = try log.append(batch: batch, now: 1)
                return nil
            } catch {
                #expect(log.endOffset == 0)
                return error.code
            }
        }
    }

    /// A batch of values of these sizes; every third has a null key, every fourth headers.
    private static func builder(_ sizes: [Int], filledWith fill: Character = "x") -> RecordBatchBuilder {
        var builder = RecordBatchBuilder()
        for (index, size) in sizes.enumerated() {
            builder.append(
                key: index % 3 == 0 ? nil : ByteBuffer(string: "key \(index)"),
                value: index % 5 == 4 ? nil : ByteBuffer(string: String(repeating: fill, count: size)),
                timestamp: 1_000 + Int64(index),
                headers: index % 4 == 0 ? [.init(name: "h", value: nil), .init(name: "", value: [])] : []
            )
        }
        return builder
    }

    private static func records(_ builder: RecordBatchBuilder) -> [UInt8] {
        Array(builder.build().readableBytesView.dropFirst(RecordBatchHeader.byteCount))
    }

    @Test(arguments: Compression.allCases)
    func rightBatchesAreKeptByteForByte(compression: Compression) throws {
        let shapes: [[Int]] = [
            [0], [1], [150], Array(repeating: 150, count: 5_000), [0, 1 << 20, 3, 400_000, 262_144, 7], [2_000_000],
            Array(0..<700),
        ]
        for shape in shapes {
            try withTemporaryDirectory { path in
                let log = try PartitionLog.opened(path, LogConfiguration())
                var sent = Self.builder(shape).build(compressedBy: compression)
                _ = try log.append(batch: sent, now: 1)
                sent.setInteger(Int32(0), at: 12)
                #expect(try log.allBatches() == [sent], "\(shape.count) records")
            }
        }
    }

    @Test(arguments: [1, 9, 15, 19, 22] as [Int32])
    func everyLevelOfZstdIsTaken(level: Int32) throws {
        let batch = Self.builder([150, 700_000, 30]).build(compressedBy: .zstd, level: level)
        #expect(try refusal(batch) == nil)
    }

    @Test(arguments: Compression.allCases)
    func aStreamThatIsCutOffIsRefused(compression: Compression) throws {
        let builder = Self.builder([20, 300, 5], filledWith: "é")
        let whole = compression.compress(Self.records(builder))
        for count in 0..<whole.count {
            let batch = builder.build(compressedRecords: Array(whole[..<count]), compression)
            #expect(try refusal(batch) == .invalidRecord, "\(count) of \(whole.count) bytes")
        }
    }

    @Test(arguments: Compression.allCases)
    func nothingMayFollowTheStream(compression: Compression) throws {
        let builder = Self.builder([20, 300, 5])
        let whole = compression.compress(Self.records(builder))
        let empty = compression.compress([])
        for tail in [[0], [1, 2, 3, 4, 5, 6, 7, 8, 9], whole, empty] as [[UInt8]] {
            let batch = builder.build(compressedRecords: whole + tail, compression)
            #expect(try refusal(batch) == .invalidRecord, "\(tail.count) bytes behind it")
        }
        #expect(try refusal(builder.build(compressedRecords: empty + whole, compression)) == .invalidRecord)
        #expect(try refusal(builder.build(compressedRecords: empty, compression)) == .invalidRecord)
        #expect(try refusal(builder.build(compressedRecords: [], compression)) == .invalidRecord)
    }

    @Test func batchesOfOneByteAreRefused() throws {
        for compression in Compression.allCases {
            for byte in UInt8.min...UInt8.max {
                let batch = Self.builder([1]).build(compressedRecords: [byte], compression)
                #expect(try refusal(batch) == .invalidRecord, "\(compression) of byte \(byte)")
            }
        }
    }

    @Test(arguments: Compression.allCases)
    func anotherCodecThanTheHeaderSaysIsRefused(compression: Compression) throws {
        let builder = Self.builder([20, 300, 5])
        for other in Compression.allCases where other.codecNumber != compression.codecNumber {
            let batch = builder.build(compressedRecords: other.compress(Self.records(builder)), compression)
            #expect(try refusal(batch) == .invalidRecord)
        }
        #expect(try refusal(builder.build(compressedRecords: Self.records(builder), compression)) == .invalidRecord)
    }

    @Test(arguments: Compression.allCases)
    func theRecordsInsideAreCheckedAsOthersAre(compression: Compression) throws {
        let builder = Self.builder([20, 300, 5])
        let records = Self.records(builder)
        let other = Self.records(Self.builder([20, 300]))
        for wrong in [
            other, records + other, Array(records.dropLast()), records + [0], [UInt8](repeating: 0, count: 90),
        ] {
            let batch = builder.build(compressedRecords: compression.compress(wrong), compression)
            #expect(try refusal(batch) == .invalidRecord)
        }
    }

    @Test(arguments: Compression.allCases)
    func aBombIsRefusedAsTooLarge(compression: Compression) throws {
        var configuration = LogConfiguration()
        configuration.messageBytesMax = 4 << 20
        let bomb = Self.builder([LogLimits.decompressedBytesMax + 1]).build(compressedBy: compression, level: 9)
        #expect(bomb.readableBytes < configuration.messageBytesMax)
        #expect(try refusal(bomb, configuration) == .messageTooLarge)
        // What the topic takes uncompressed it takes compressed as well.
        configuration.messageBytesMax = LogLimits.decompressedBytesMax + 200
        #expect(try refusal(bomb, configuration) == nil)
    }

    @Test(arguments: [Compression.gzip, .xerialSnappy, .lz4, .zstd])
    func legitimateBatchesMayDecompressToMuchMore(compression: Compression) throws {
        var configuration = LogConfiguration()
        configuration.messageBytesMax = 4 << 20
        let batch = Self.builder(Array(repeating: 30_000, count: 1_000)).build(compressedBy: compression)
        #expect(try refusal(batch, configuration) == nil)
    }

    @Test func bombsThatNeedAllTheirOutputAtOnceHaveABoundOfTheirOwn() throws {
        var configuration = LogConfiguration()
        configuration.messageBytesMax = 4 << 20
        let builder = Self.builder([LogLimits.decompressedWholeBytesMax + 1])
        #expect(try refusal(builder.build(compressedBy: .snappy), configuration) == .messageTooLarge)
        #expect(try refusal(builder.build(compressedBy: .zstd, level: 22), configuration) == .messageTooLarge)
        // A snappy block that only claims to be large.
        let claim = builder.build(compressedRecords: [0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0], .snappy)
        #expect(try refusal(claim, configuration) == .messageTooLarge)
    }

    @Test(arguments: Compression.allCases)
    func aDuplicateIsRecognisedAndAMissingBatchIsFirstOfAll(compression: Compression) throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path)
            let first = TestBatch(producerID: 7, compression: compression)
            #expect(try log.append(first) == .appended(baseOffset: 0, lastOffset: 0))
            #expect(try log.append(first) == .duplicate(baseOffset: 0, lastOffset: 0))
            let later = TestBatch(producerID: 7, baseSequence: 5, compression: compression)
            #expect(#expect(throws: LogError.self) { try log.append(later) }?.code == .outOfOrderSequence)
        }
    }

    /// Whatever the bytes are, the check ends, within its bounds, and takes only what can be read.
    @Test(arguments: Compression.allCases, Seeds.chosen([1, 2, 3]))
    func whatIsTakenCanBeRead(compression: Compression, seed: UInt64) throws {
        try withSeed(seed) { random in
            let bounds = RecordDecompressor.Bounds(bytesMax: 4 << 20, wholeBytesMax: 1 << 20)
            var taken = 0
            for _ in 0..<1_500 {
                let sizes = (0..<Int.random(in: 1...6, using: &random)).map { _ in
                    Int.random(in: 0...400, using: &random)
                }
                let builder = Self.builder(sizes)
                let bytes = Self.mutated(compression, Self.records(builder), using: &random)
                let batch = builder.build(compressedRecords: bytes, compression)
                let header = try RecordBatchHeader(batch)
                let codec = try #require(header.attributes.codec)
                guard
                    let check = try? RecordCheck.run(on: batch.readableBytesSpan, header, codec, bounds),
                    check.end() == nil
                else { continue }
                taken += 1
                var records: [UInt8] = []
                try RecordDecompressor.decompress(bytes.span.bytes, codec, bounds) { piece in
                    piece.withUnsafeBytes { records += $0 }
                    return true
                }
                var iterator = try RecordIterator(builder.build(records: ByteBuffer(bytes: records), codec: .none))
                var count: Int32 = 0
                while try iterator.next() != nil { count += 1 }
                try #require(count == header.recordCount)
            }
            #expect(taken > 0)
        }
    }

    /// Records with a fault or without, compressed, with a fault or without: as many of each kind.
    private static func mutated(
        _ compression: Compression,
        _ records: [UInt8],
        using random: inout SeededGenerator
    ) -> [UInt8] {
        var records = records
        if random.chance(1, in: 4) { flip(&records, using: &random) }
        if random.chance(1, in: 50) { records += [UInt8](repeating: 0, count: 8 << 20) }
        var bytes = compression.compress(records, level: Int32.random(in: 1...9, using: &random))
        switch Int.random(in: 0..<6, using: &random) {
        case 0: flip(&bytes, using: &random)
        case 1: bytes.removeLast(Int.random(in: 1...bytes.count, using: &random))
        case 2: bytes += bytes.suffix(Int.random(in: 1...bytes.count, using: &random))
        case 3:
            let start = Int.random(in: 0..<bytes.count, using: &random)
            let end = Int.random(in: start...bytes.count, using: &random)
            bytes.replaceSubrange(start..<end, with: bytes[..<Int.random(in: 0..<bytes.count, using: &random)])
        default: break
        }
        return bytes
    }

    private static func flip(_ bytes: inout [UInt8], using random: inout SeededGenerator) {
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= UInt8.random(in: 1...255, using: &random)
        }
    }

    /// The outcome is the same however the records are cut into pieces.
    @Test(arguments: Seeds.chosen([1, 2, 3, 4]))
    func theOutcomeDoesNotDependOnThePieces(seed: UInt64) throws {
        try withSeed(seed) { random in
            for _ in 0..<3_000 {
                var records = Self.records(Self.builder([5, 200, 0, 70, 1, 300]))
                if random.chance(3, in: 4) { Self.flip(&records, using: &random) }
                var whole = RecordCheck(count: 6)
                _ = whole.consume(records.span.bytes)
                var pieces = RecordCheck(count: 6)
                var start = 0
                while start < records.count {
                    let end = min(records.count, start + Int.random(in: 1...40, using: &random))
                    guard pieces.consume(records.span.bytes.extracting(start..<end)) else { break }
                    start = end
                }
                try #require((whole.end() == nil) == (pieces.end() == nil), "\(records)")
            }
        }
    }
}
