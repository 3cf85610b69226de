import Checksums
import KafkaProtocol
import NIOCore

/// A batch without records that stands for offsets which no record has, or has any more: every client continues after it. So
/// the offsets of a log follow one another without a hole, whatever damage, retention of offsets and compaction took, and
/// recovery need not guess which holes are right. It has no timestamp, so that no lookup by time finds it.
///
/// It has one of two forms, as no form suits all clients:
///
/// - After damage it is a control batch. Of ordinary ones librdkafka believes that they were too large, doubles its fetch
///   size each time that one comes alone, and reports an error in the end. A record in it would be handed out by
///   kafka-python 2.0.2.
/// - After compaction it is an ordinary batch, as Kafka leaves them. aiokafka and newer versions of kafka-python look for a
///   record in a control batch where they read committed records only, and stop where there is none. Such batches rarely
///   come alone.
enum GapBatch {
    /// The most offsets of one batch: the delta of the last one is an Int32.
    static let offsetsMax = Int64(Int32.max) + 1

    /// The batch of these offsets, of which there is at least one, where their records were lost or never were.
    ///
    /// - Parameter leaderEpoch: That of the records before it, so that no reader takes its end for that of an earlier epoch;
    ///   where it takes the place of batches, theirs.
    static func afterLoss(_ offsets: Range<Int64>, leaderEpoch: Int32) -> ByteBuffer {
        bytes(offsets, leaderEpoch, RecordBatchAttributes(isControl: true), producer: nil)
    }

    /// The batch of these offsets, of which there is at least one, where compaction removed their records.
    ///
    /// - Parameters:
    ///   - leaderEpoch: That of the batches whose place it takes.
    ///   - producer: The batch whose place it takes, where that is the last one of its producer: the sequence numbers go on
    ///     after it.
    static func afterCompaction(
        _ offsets: Range<Int64>,
        leaderEpoch: Int32,
        producer: RecordBatchHeader? = nil
    ) -> ByteBuffer {
        bytes(offsets, leaderEpoch, RecordBatchAttributes(), producer: producer)
    }

    private static func bytes(
        _ offsets: Range<Int64>,
        _ leaderEpoch: Int32,
        _ attributes: RecordBatchAttributes,
        producer: RecordBatchHeader?
    ) -> ByteBuffer {
        precondition(!offsets.isEmpty && offsets.count <= offsetsMax, "a batch for the offsets \(offsets)")
        var checksummed = ByteBuffer()
        checksummed.writeInteger(attributes.rawValue)
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
