import Checksums
package import NIOCore

/// The header of a record batch of format 2, the unit that producers send, logs keep and consumers fetch.
///
///      0  int64   base offset: the offset of the first record
///      8  int32   batch length: the bytes after this field
///     12  int32   partition leader epoch
///     16  int8    magic: 2
///     17  uint32  CRC-32C of all that follows
///     21  int16   attributes: bits 0–2 codec, 3 timestamp type, 4 transactional, 5 control, 6 delete horizon
///     23  int32   last offset delta: the offset of the last record less the base offset
///     27  int64   base timestamp, ms since 1970; with bit 6 the delete horizon, which the records' deltas count from too
///     35  int64   max timestamp
///     43  int64   producer id, -1 without idempotence
///     51  int16   producer epoch
///     53  int32   base sequence
///     57  int32   number of records
///     61  the records, compressed as a whole where the codec is not 0
///
/// The base offset and the leader epoch stand before the CRC, so that a log can set them in a batch it took.
/// Source: the Kafka documentation, "Message Format"; KIP-98.
package struct RecordBatchHeader: Sendable, Equatable {
    /// The bytes of the header, and so the least that a batch has.
    package static let byteCount = 61
    /// The bytes before those that the batch length counts.
    package static let prefixByteCount = 12
    /// Where the checksummed bytes begin.
    package static let checksummedFrom = 21

    /// The offset of the first record; a producer sends 0, the log gives the right one.
    package var baseOffset: Int64
    /// The bytes after this field: see ``totalByteCount``.
    package var batchLength: Int32
    /// The epoch of the leader that took the batch; -1 from a producer.
    package var partitionLeaderEpoch: Int32
    /// The CRC-32C that the batch carries; see ``verify(_:)``.
    package var checksum: UInt32
    /// Codec, timestamp type and kind.
    package var attributes: RecordBatchAttributes
    /// The offset of the last record less the base offset.
    package var lastOffsetDelta: Int32
    /// What the records' own timestamps are added to, ms since 1970.
    package var baseTimestamp: Int64
    /// The greatest timestamp of the records, ms since 1970.
    package var maxTimestamp: Int64
    /// The id of an idempotent producer, else -1.
    package var producerID: Int64
    /// The epoch of that producer, else -1.
    package var producerEpoch: Int16
    /// The number that the producer gave the first record, else -1.
    package var baseSequence: Int32
    /// How many records there are.
    package var recordCount: Int32

    /// Reads the header at the start of `bytes`, which may end right after it.
    ///
    /// Throws where there are fewer than 61 bytes, where the format is not 2, and where the length or the count of
    /// records cannot be.
    package init(_ bytes: RawSpan) throws(DecodeError) {
        try self.init(reading: bytes)
        try checkRecordCount()
    }

    /// Reads the header of the whole batch that `bytes` begin with, as ``init(_:)`` and ``verify(_:)`` together, but the
    /// CRC first: where they were damaged in transit nothing else is checked.
    package init(verifying bytes: RawSpan) throws(DecodeError) {
        try self.init(reading: bytes)
        try verify(bytes)
        try checkRecordCount()
    }

    /// The header of a batch that is made here, uncompressed and of no idempotent producer; ``seal(_:)`` completes it.
    ///
    /// - Parameter time: The timestamp of all its records, ms since 1970.
    package init(recordCount: Int32, time: Int64) {
        (baseOffset, batchLength, partitionLeaderEpoch, checksum) = (0, 0, -1, 0)
        attributes = RecordBatchAttributes()
        lastOffsetDelta = recordCount - 1
        (baseTimestamp, maxTimestamp) = (time, time)
        (producerID, producerEpoch, baseSequence) = (-1, -1, -1)
        self.recordCount = recordCount
    }

    private init(reading bytes: RawSpan) throws(DecodeError) {
        // The magic first: what is in the other places depends on it, and older formats are shorter.
        guard bytes.byteCount > 16 else {
            throw DecodeError(.truncated(needed: Self.byteCount, available: bytes.byteCount))
        }
        let magic = Int8(bitPattern: bytes.bigEndian(at: 16, as: UInt8.self))
        guard magic == 2 else { throw DecodeError(.unsupportedMagic(magic), at: 16) }
        guard bytes.byteCount >= Self.byteCount else {
            throw DecodeError(.truncated(needed: Self.byteCount, available: bytes.byteCount))
        }
        baseOffset = bytes.bigEndian(at: 0)
        batchLength = bytes.bigEndian(at: 8)
        partitionLeaderEpoch = bytes.bigEndian(at: 12)
        checksum = bytes.bigEndian(at: 17)
        attributes = RecordBatchAttributes(rawValue: bytes.bigEndian(at: 21))
        lastOffsetDelta = bytes.bigEndian(at: 23)
        baseTimestamp = bytes.bigEndian(at: 27)
        maxTimestamp = bytes.bigEndian(at: 35)
        producerID = bytes.bigEndian(at: 43)
        producerEpoch = bytes.bigEndian(at: 51)
        baseSequence = bytes.bigEndian(at: 53)
        recordCount = bytes.bigEndian(at: 57)
        guard batchLength >= Self.byteCount - Self.prefixByteCount else {
            throw DecodeError(.batchLength(totalByteCount, available: bytes.byteCount), at: 8)
        }
    }

    /// A compacted batch has at most as many records as offsets. One without records keeps its offsets.
    private func checkRecordCount() throws(DecodeError) {
        guard lastOffsetDelta >= 0, recordCount >= 0, Int64(recordCount) <= Int64(lastOffsetDelta) + 1 else {
            throw DecodeError(.recordCount(recordCount, lastOffsetDelta: lastOffsetDelta), at: 57)
        }
    }

    /// Reads the header at the reader index of `buffer`, which stays as it is.
    package init(_ buffer: ByteBuffer) throws(DecodeError) {
        try self.init(buffer.readableBytesSpan)
    }

    /// Writes this header over the first 61 bytes of `batch`, a whole one: for a batch whose records or fields were changed.
    /// The length and the CRC-32C are set to what they are then.
    package mutating func seal(_ batch: inout ByteBuffer) {
        precondition(batch.readableBytes >= Self.byteCount, "a batch has room for its header")
        batchLength = Int32(batch.readableBytes - Self.prefixByteCount)
        let start = batch.readerIndex
        var head = ByteBufferAllocator().buffer(capacity: Self.byteCount)
        head.writeMultipleIntegers(baseOffset, batchLength, partitionLeaderEpoch, Int8(2), UInt32(0))
        head.writeMultipleIntegers(attributes.rawValue, lastOffsetDelta, baseTimestamp, maxTimestamp)
        head.writeMultipleIntegers(producerID, producerEpoch, baseSequence, recordCount)
        batch.setBuffer(head, at: start)
        checksum = CRC32C.checksum(of: batch.readableBytesSpan.extracting(droppingFirst: Self.checksummedFrom))
        batch.setInteger(checksum, at: start + 17)
    }

    /// Whether the records of `batch` are compressed; `false` where it is too short to be a batch.
    package static func isCompressed(_ batch: ByteBuffer) -> Bool {
        guard let attributes = batch.getInteger(at: batch.readerIndex + checksummedFrom, as: Int16.self) else {
            return false
        }
        return RecordBatchAttributes(rawValue: attributes).codec != CompressionCodec.none
    }

    /// The bytes of the whole batch.
    package var totalByteCount: Int { Self.prefixByteCount + Int(batchLength) }
    /// The offset of the last record.
    package var lastOffset: Int64 { baseOffset &+ Int64(lastOffsetDelta) }
    /// The offset after the batch.
    package var nextOffset: Int64 { lastOffset &+ 1 }
    /// When the tombstones of the batch may go, ms since 1970; `nil` where compaction has not set it.
    package var deleteHorizon: Int64? { attributes.hasDeleteHorizon ? baseTimestamp : nil }
    /// Whether the producer is idempotent.
    package var hasProducerID: Bool { producerID >= 0 }
    /// The sequence number of the last record: numbers wrap around to 0 after the greatest Int32.
    package var lastSequence: Int32 { Self.sequence(baseSequence, advancedBy: lastOffsetDelta) }

    /// The sequence number `count` records after `sequence`.
    package static func sequence(_ sequence: Int32, advancedBy count: Int32) -> Int32 {
        let sum = Int64(sequence) + Int64(count)
        return Int32(truncatingIfNeeded: sum > Int64(Int32.max) ? sum - Int64(Int32.max) - 1 : sum)
    }

    /// Checks that `bytes` begin with the whole batch that this header is of, and that its CRC-32C is right.
    package func verify(_ bytes: RawSpan) throws(DecodeError) {
        guard bytes.byteCount >= totalByteCount else {
            throw DecodeError(.batchLength(totalByteCount, available: bytes.byteCount), at: 8)
        }
        let computed = CRC32C.checksum(of: bytes.extracting(Self.checksummedFrom..<totalByteCount))
        guard computed == checksum else {
            throw DecodeError(.checksumMismatch(stored: checksum, computed: computed), at: 17)
        }
    }
}

extension RawSpan {
    /// The big-endian integer at `offset`, which is checked against the span's bounds.
    fileprivate func bigEndian<Integer: FixedWidthInteger & BitwiseCopyable>(
        at offset: Int,
        as type: Integer.Type = Integer.self
    ) -> Integer {
        // Only the type is unsafe here, and every bit pattern is an integer.
        Integer(bigEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: type))
    }
}

/// The attribute bits of a record batch; see ``RecordBatchHeader``.
package struct RecordBatchAttributes: RawRepresentable, Sendable, Hashable {
    package var rawValue: Int16

    package init(rawValue: Int16) { self.rawValue = rawValue }

    package init(
        codec: CompressionCodec = .none,
        timestampType: TimestampType = .createTime,
        isTransactional: Bool = false,
        isControl: Bool = false
    ) {
        rawValue =
            codec.rawValue | (timestampType == .logAppendTime ? 0x08 : 0) | (isTransactional ? 0x10 : 0)
            | (isControl ? 0x20 : 0)
    }

    /// The compression codec; `nil` where Kafka has no codec of this number.
    package var codec: CompressionCodec? {
        get { CompressionCodec(rawValue: rawValue & 0x07) }
        set { rawValue = rawValue & ~0x07 | (newValue?.rawValue ?? 0) }
    }
    /// Which clock the timestamps come from.
    package var timestampType: TimestampType {
        get { rawValue & 0x08 == 0 ? .createTime : .logAppendTime }
        set { rawValue = newValue == .logAppendTime ? rawValue | 0x08 : rawValue & ~0x08 }
    }
    /// Whether the batch is part of a transaction.
    package var isTransactional: Bool { rawValue & 0x10 != 0 }
    /// Whether this is a control batch: the end of a transaction, hidden from consumers.
    package var isControl: Bool { rawValue & 0x20 != 0 }
    /// Whether the base timestamp is the time from which on tombstones of the batch may go (KIP-534).
    package var hasDeleteHorizon: Bool {
        get { rawValue & 0x40 != 0 }
        set { rawValue = newValue ? rawValue | 0x40 : rawValue & ~0x40 }
    }
}

/// The compression codec of a batch, with its number in the batch's attributes.
package enum CompressionCodec: Int16, Sendable, CaseIterable {
    case none = 0
    case gzip = 1
    case snappy = 2
    case lz4 = 3
    case zstd = 4
}

/// Which clock the timestamps of a batch come from.
package enum TimestampType: Sendable {
    /// The producer's, a time for each record.
    case createTime
    /// The log's, at the append: the batch's max timestamp holds for all of its records.
    case logAppendTime
}
