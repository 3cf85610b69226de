import NIOCore
import PipelineTesting
import Testing

@testable import KafkaProtocol

@Suite(.timeLimit(.minutes(15))) struct RecordCompressorTests {
    private static func compressed(
        _ bytes: [UInt8],
        _ compression: RecordCompression,
        pieces: [Int]? = nil,
        bytesMax: Int = .max
    ) -> ByteBuffer? {
        RecordCompressor.compress(compression, after: ByteBuffer(), bytesMax: bytesMax) { compressor in
            var start = 0
            for count in pieces ?? [bytes.count] {
                guard compressor.append(bytes.span.bytes.extracting(start..<(start + count))) else { return }
                start += count
            }
        }
    }

    private static func decompressed(_ bytes: ByteBuffer, _ codec: CompressionCodec) throws -> [UInt8] {
        var records: [UInt8] = []
        let bounds = RecordDecompressor.Bounds(bytesMax: 64 << 20, wholeBytesMax: 0)
        try RecordDecompressor.decompress(bytes.readableBytesSpan, codec, bounds) { piece in
            piece.withUnsafeBytes { records += $0 }
            return true
        }
        return records
    }

    /// What comes out is read piece by piece, which allows nothing that needs all of it at once.
    @Test(arguments: CompressionCodec.allCases, Seeds.chosen([1, 2, 3]))
    func piecesOfAnySizeBecomeOneStream(codec: CompressionCodec, seed: UInt64) throws {
        try withSeed(seed) { random in
            for size in [0, 1, 100, 32_768, 65_536, 65_537, 1_000_000] {
                let isRandom = random.chance(1, in: 2)
                let bytes = (0..<size).map {
                    isRandom ? UInt8.random(in: 0...255, using: &random) : UInt8($0 / 900 % 7)
                }
                var pieces: [Int] = []
                while let left = Optional(size - pieces.reduce(0, +)), left > 0 {
                    pieces.append(min(left, Int.random(in: 0...200_000, using: &random)))
                }
                let stream = try #require(Self.compressed(bytes, RecordCompression(codec, level: 3), pieces: pieces))
                try #require(try Self.decompressed(stream, codec) == bytes, "\(size) bytes in \(pieces)")
            }
        }
    }

    @Test(arguments: CompressionCodec.allCases)
    func whatWouldBeTooLongEnds(codec: CompressionCodec) throws {
        var random = SystemRandomNumberGenerator()
        let bytes = (0..<300_000).map { _ in UInt8.random(in: 0...255, using: &random) }
        let whole = try #require(Self.compressed(bytes, RecordCompression(codec, level: 3)))
        #expect(Self.compressed(bytes, RecordCompression(codec, level: 3), bytesMax: whole.readableBytes) != nil)
        for bytesMax in [0, 10, 100_000, whole.readableBytes - 1] {
            #expect(Self.compressed(bytes, RecordCompression(codec, level: 3), bytesMax: bytesMax) == nil)
        }
    }

    /// The forms of Java's producer: snappy-java's header and a block with its length; a frame of LZ4 whose flags say
    /// version 1 and independent blocks of 64 KiB.
    @Test func theFormsAreJavas() throws {
        let snappy = try #require(Self.compressed(Array("abc".utf8), RecordCompression(.snappy)))
        #expect(snappy == (try ByteBuffer(hexadecimal: "82534e41505059000000000100000001" + "00000005" + "0308616263")))
        let lz4 = try #require(Self.compressed(Array("abc".utf8), RecordCompression(.lz4, level: 9)))
        #expect(lz4 == (try ByteBuffer(hexadecimal: "04224d18" + "604082" + "03000080" + "616263" + "00000000")))
        #expect(Self.compressed([1, 2], RecordCompression(.none)) == ByteBuffer(bytes: [1, 2]))
    }

    @Test func aChangedBatchIsSealedAnew() throws {
        var batch = try ByteBuffer(hexadecimal: RecordBatchTests.golden)
        let before = batch
        var header = try RecordBatchHeader(batch)
        header.seal(&batch)
        #expect(batch == before, "nothing changed")
        header.attributes.timestampType = .logAppendTime
        header.maxTimestamp = 1_800_000_000_000
        header.seal(&batch)
        #expect(batch == (try ByteBuffer(hexadecimal: Self.sealed)))
        #expect(try RecordBatchHeader(verifying: batch.readableBytesSpan) == header)
    }

    /// ``RecordBatchTests/golden`` with the attribute 0x0008 and the max timestamp 0x1a3185c5000, its CRC computed elsewhere.
    private static let sealed = """
        00000000000000000000006e00000000027f2ad77f0008000000020000018bcfe56800000001a3185c5000ffffffffffffffffffffffff
        ffff0000000338000000107574656e74652d310e7b2261223a317d0402680278026e0122000a02164e554c4c205245434f524401001a00
        cf0f04010c63697474c3a000
        """
}
