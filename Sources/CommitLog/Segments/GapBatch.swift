import KafkaProtocol
import NIOCore

/// A batch without records that stands for offsets which no record has, or has any more; see
/// ``RecordBatchBuilder/withoutRecords(baseOffset:lastOffsetDelta:leaderEpoch:)``.
enum GapBatch {
    /// The most offsets of one batch: the delta of the last one is an Int32.
    static let offsetsMax = Int64(Int32.max) + 1

    /// The batch of these offsets, of which there is at least one.
    static func bytes(_ offsets: Range<Int64>) -> ByteBuffer {
        precondition(!offsets.isEmpty && offsets.count <= offsetsMax, "a batch for the offsets \(offsets)")
        return RecordBatchBuilder.withoutRecords(
            baseOffset: offsets.lowerBound,
            lastOffsetDelta: Int32(offsets.count - 1),
            leaderEpoch: LogState.leaderEpoch
        )
    }
}
