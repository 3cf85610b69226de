import Checksums
import KafkaProtocol
import NIOCore

/// A control batch without records that stands for offsets which no record has, or has any more: every client continues
/// after it. So the offsets of a log follow one another without a hole, whatever damage, retention of offsets and compaction
/// took, and recovery need not guess which holes are right.
///
/// For an ordinary batch, as Kafka's compaction leaves them, librdkafka would double its fetch size, and kafka-python 2.0.2
/// hands out a record of a control batch. It has no timestamp, so that no lookup by time finds it.
enum GapBatch {
    /// The most offsets of one batch: the delta of the last one is an Int32.
    static let offsetsMax = Int64(Int32.max) + 1

    /// The batch of these offsets, of which there is at least one.
    ///
    /// - Parameters:
    ///   - leaderEpoch: That of the records before it, so that no reader takes its end for that of an earlier epoch; where it
    ///     takes the place of batches, theirs.
    ///   - producer: The batch whose place it takes, where that is the last one of its producer: the sequence numbers go on
    ///     after it.
    static func bytes(
        _ offsets: Range<Int64>,
        leaderEpoch: Int32,
        producer: RecordBatchHeader? = nil
    ) -> ByteBuffer {
        precondition(!offsets.isEmpty && offsets.count <= offsetsMax, "a batch for the offsets \(offsets)")
        var checksummed = ByteBuffer()
        checksummed.writeInteger(RecordBatchAttributes(isControl: true).rawValue)
        checksummed.writeInteger(Int32(offsets.count - 1))
        let noTimestamp: Int64 = -1
        checksummed.writeMultipleIntegers(noTimestamp, noTimestamp, producer?.producerID ?? -1)
        checksummed.writeMultipleIntegers(producer?.producerEpoch ?? -1, producer?.baseSequence ?? -1, Int32(0))

        var batch = ByteBuffer()
        let length = Int32(RecordBatchHeader.byteCount - RecordBatchHeader.prefixByteCount)
        batch.writeMultipleIntegers(offsets.lowerBound, length, leaderEpoch)
        batch.writeMultipleIntegers(Int8(2), CRC32C.checksum(of: checksummed.readableBytesSpan))
        batch.writeImmutableBuffer(checksummed)
        return batch
    }
}
