import Checksums
import KafkaTopics
import NIOCore
import PipelineTesting
import Testing

@testable import KafkaProtocol

@Suite struct RecordBatchTests {
    /// Three records as kafka-python 2.0.2's own encoder writes them.
    static let golden = """
        00000000000000000000006e00000000021e64470e0000000000020000018bcfe568000000018bcfe56805ffffffffffffffffffffffff
        ffff0000000338000000107574656e74652d310e7b2261223a317d0402680278026e0122000a02164e554c4c205245434f524401001a00
        cf0f04010c63697474c3a000
        """

    private static func goldenBuilder() -> RecordBatchBuilder {
        var builder = RecordBatchBuilder()
        builder.partitionLeaderEpoch = 0
        let headers = [
            RecordHeader(name: "h", value: Array("x".utf8)), RecordHeader(name: "n", value: nil),
        ]
        builder.append(
            key: ByteBuffer(string: "utente-1"),
            value: ByteBuffer(string: #"{"a":1}"#),
            timestamp: 1_700_000_000_000,
            headers: headers
        )
        builder.append(key: "NULL RECORD", value: nil, timestamp: 1_700_000_000_005)
        builder.append(key: nil, value: "città", timestamp: 1_699_999_999_000)
        return builder
    }

    @Test func builderWritesWhatAnotherEncoderWrites() throws {
        #expect(Self.goldenBuilder().build() == (try ByteBuffer(hexadecimal: Self.golden)))
    }

    @Test func recordsOfAnotherEncoderAreRead() throws {
        let batch = try ByteBuffer(hexadecimal: Self.golden)
        var iterator = try RecordIterator(batch)
        try iterator.header.verify(batch.readableBytesSpan)
        #expect(iterator.header.recordCount == 3)
        #expect(iterator.header.baseTimestamp == 1_700_000_000_000)
        #expect(iterator.header.maxTimestamp == 1_700_000_000_005)
        #expect(iterator.header.hasProducerID == false)
        let headers = [
            RecordHeader(name: "h", value: Array("x".utf8)), RecordHeader(name: "n", value: nil),
        ]
        #expect(
            try iterator.next()
                == Record(
                    offset: 0,
                    timestamp: 1_700_000_000_000,
                    key: ByteBuffer(string: "utente-1"),
                    value: ByteBuffer(string: #"{"a":1}"#),
                    headers: headers
                )
        )
        #expect(
            try iterator.next()
                == Record(
                    offset: 1,
                    timestamp: 1_700_000_000_005,
                    key: ByteBuffer(string: "NULL RECORD"),
                    value: nil
                )
        )
        #expect(
            try iterator.next()
                == Record(offset: 2, timestamp: 1_699_999_999_000, key: nil, value: ByteBuffer(string: "città"))
        )
        #expect(try iterator.next() == nil)
    }

    @Test func appendTimeHoldsForEveryRecord() throws {
        var builder = Self.goldenBuilder()
        builder.timestampType = .logAppendTime
        var iterator = try RecordIterator(builder.build())
        while let record = try iterator.next() { #expect(record.timestamp == 1_700_000_000_005) }
    }

    @Test func everyFlippedBitAfterTheChecksumIsFound() throws {
        let batch = Self.goldenBuilder().build()
        for bit in 0..<((batch.readableBytes - RecordBatchHeader.checksummedFrom) * 8) {
            var damaged = batch
            let index = RecordBatchHeader.checksummedFrom + bit / 8
            let byte = try #require(damaged.getInteger(at: index, as: UInt8.self))
            damaged.setInteger(byte ^ (1 << UInt8(bit % 8)), at: index)
            #expect(throws: DecodeError.self, "bit \(bit)") {
                try RecordBatchHeader(damaged).verify(damaged.readableBytesSpan)
            }
        }
    }

    @Test func truncationAtEveryLengthIsAnError() throws {
        let batch = Self.goldenBuilder().build()
        for count in 0..<batch.readableBytes {
            let part = try #require(batch.getSlice(at: 0, length: count))
            #expect(throws: DecodeError.self, "\(count) bytes") {
                try RecordBatchHeader(part).verify(part.readableBytesSpan)
            }
        }
    }

    @Test func oldFormatsAreNamed() throws {
        var batch = Self.goldenBuilder().build()
        batch.setInteger(Int8(1), at: 16)
        let error = #expect(throws: DecodeError.self) { try RecordBatchHeader(batch) }
        #expect(error?.problem == .unsupportedMagic(1))
    }

    @Test(arguments: [Int32.min, -1, 0, 48])
    func aBatchCannotBeShorterThanItsHeader(length: Int32) throws {
        var batch = Self.goldenBuilder().build()
        batch.setInteger(length, at: 8)
        let error = #expect(throws: DecodeError.self) { try RecordBatchHeader(batch) }
        #expect(error?.problem == .batchLength(12 + Int(length), available: batch.readableBytes))
    }

    @Test func theChecksumIsJudgedBeforeTheCount() throws {
        var batch = Self.goldenBuilder().build()
        batch.setInteger(Int32(-1), at: 57)
        let damaged = #expect(throws: DecodeError.self) { try RecordBatchHeader(verifying: batch.readableBytesSpan) }
        guard case .checksumMismatch = damaged?.problem else {
            Issue.record("not the checksum: \(String(describing: damaged))")
            return
        }
        batch.setInteger(CRC32C.checksum(of: batch.readableBytesSpan.extracting(21..<batch.readableBytes)), at: 17)
        let wrong = #expect(throws: DecodeError.self) { try RecordBatchHeader(verifying: batch.readableBytesSpan) }
        #expect(wrong?.problem == .recordCount(-1, lastOffsetDelta: 2))
    }

    static let disagreements: [(Int32, Int32)] = [(-1, 2), (4, 2), (3, -1), (.max, .max - 1), (1, .min)]

    @Test(arguments: disagreements)
    func countAndLastOffsetMustAgree(count: Int32, lastOffsetDelta: Int32) throws {
        var batch = Self.goldenBuilder().build()
        batch.setInteger(lastOffsetDelta, at: 23)
        batch.setInteger(count, at: 57)
        if count == Int32.max {
            // The most that can be said: the header holds, the records end early.
            #expect(try RecordBatchHeader(batch).recordCount == count)
        } else {
            #expect(throws: DecodeError.self) { try RecordBatchHeader(batch) }
        }
    }

    @Test func attributesKeepTheirBitsApart() {
        for codec in CompressionCodec.allCases {
            let attributes = RecordBatchAttributes(codec: codec, timestampType: .logAppendTime, isControl: true)
            #expect(attributes.codec == codec)
            #expect(attributes.timestampType == .logAppendTime)
            #expect(attributes.isControl)
            #expect(attributes.isTransactional == false)
        }
        #expect(RecordBatchAttributes(rawValue: 5).codec == nil)
    }

    static let sequences: [(Int32, Int32, Int32)] = [
        (0, 9, 9), (.max, 0, .max), (.max, 1, 0), (.max - 1, 5, 3),
    ]

    @Test(arguments: sequences)
    func sequenceNumbersWrapAroundToZero(base: Int32, count: Int32, expected: Int32) {
        #expect(RecordBatchHeader.sequence(base, advancedBy: count) == expected)
    }
}
