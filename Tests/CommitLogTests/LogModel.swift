import CommitLog
import KafkaProtocol
import NIOCore

/// What a log has to be, said as simply as possible: a list of batches.
struct LogModel {
    struct Batch: Equatable {
        var baseOffset: Int64
        var timestamps: [Int64]
        var body: ByteBuffer
        var producerID: Int64
        var epoch: Int16
        var sequence: Int32

        /// The bytes in the file: the body and what the log writes before it.
        var byteCount: Int { body.readableBytes + 16 }
        var nextOffset: Int64 { baseOffset + Int64(timestamps.count) }
    }

    var batches: [Batch] = []
    var startOffset: Int64 = 0
    var endOffset: Int64 = 0

    /// The bytes that the log does not write into.
    static func body(_ batch: ByteBuffer) -> ByteBuffer {
        batch.getSlice(at: batch.readerIndex + 16, length: batch.readableBytes - 16) ?? ByteBuffer()
    }

    enum Expectation: Equatable {
        case outcome(AppendOutcome)
        case refused(LogError.Code)
    }

    mutating func append(_ sent: TestBatch) -> Expectation {
        let known = batches.filter { $0.producerID == sent.producerID }
        if sent.producerID >= 0, let newest = known.last {
            let recent = known.filter { $0.epoch == newest.epoch }.suffix(5)
            if sent.producerEpoch < newest.epoch { return .refused(.invalidProducerEpoch) }
            if sent.producerEpoch > newest.epoch {
                if sent.baseSequence != 0 { return .refused(.outOfOrderSequence) }
            } else if let duplicate = recent.last(where: {
                $0.sequence == sent.baseSequence && $0.timestamps.count == sent.timestamps.count
            }) {
                return .outcome(.duplicate(baseOffset: duplicate.baseOffset, lastOffset: duplicate.nextOffset - 1))
            } else if sent.baseSequence != newest.sequence + Int32(newest.timestamps.count) {
                return .refused(.outOfOrderSequence)
            }
        }
        let batch = Batch(
            baseOffset: endOffset,
            timestamps: sent.timestamps,
            body: Self.body(sent.buffer),
            producerID: sent.producerID,
            epoch: sent.producerEpoch,
            sequence: sent.baseSequence
        )
        batches.append(batch)
        endOffset = batch.nextOffset
        return .outcome(.appended(baseOffset: batch.baseOffset, lastOffset: batch.nextOffset - 1))
    }

    /// A crash that left the first `count` batches.
    mutating func keepFirst(_ count: Int) {
        batches.removeSubrange(count...)
        endOffset = max(startOffset, batches.last?.nextOffset ?? 0)
    }

    func offset(forTimestamp timestamp: Int64) -> TimestampedOffset? {
        for batch in batches {
            for (index, time) in batch.timestamps.enumerated() {
                let offset = batch.baseOffset + Int64(index)
                if offset >= startOffset, time >= timestamp {
                    return TimestampedOffset(offset: offset, timestamp: time)
                }
            }
        }
        return nil
    }
}
