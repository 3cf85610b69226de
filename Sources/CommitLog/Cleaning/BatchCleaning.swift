import KafkaProtocol
import NIOCore

/// What becomes of a batch when its log is cleaned. Pure: bytes in, bytes out.
///
/// A record stays where no later one has its key. Of those that stay, a tombstone (null value) tells readers that the key is
/// gone, and goes itself by the second cleaning that finds it: the first one writes the *delete horizon*, now and
/// `delete.retention.ms`, into the batch in the place of its base timestamp (KIP-534), and one after that time drops it. A
/// record without a key goes: it was appended while the topic was not compacted.
struct BatchCleaning: Sendable {
    /// The outcome for one batch.
    enum Outcome {
        /// It stays as it is.
        case kept
        /// It has these bytes now: the same header, and fewer records, or a delete horizon.
        case rewritten(ByteBuffer, recordsRemoved: Int)
        /// None of its records stays.
        case emptied(recordsRemoved: Int)
    }

    /// The newest offset of each key.
    let keys: KeyOffsets
    /// Records from here on are not in ``keys`` and stay.
    let end: Int64
    /// The time by the log's clock.
    let now: Int64
    /// `delete.retention.ms`.
    let deleteRetention: Int64
    let bounds: RecordDecompressor.Bounds

    func outcome(for batch: ByteBuffer, _ header: RecordBatchHeader) -> Outcome {
        if header.recordCount == 0 { return .emptied(recordsRemoved: 0) }
        // Markers of transactions are not ours to drop. What cannot be read is not ours to judge.
        guard !header.attributes.isControl, let records = StoredRecords(batch, header, bounds) else { return .kept }
        var stays: [Bool] = []
        stays.reserveCapacity(Int(header.recordCount))
        var keepsTombstone = false
        var maxTimestamp = Int64.min
        records.forEach { place in
            let isKept = isKept(place, of: records, header)
            stays.append(isKept)
            if isKept {
                keepsTombstone = keepsTombstone || place.isTombstone
                maxTimestamp = max(maxTimestamp, header.baseTimestamp &+ place.timestampDelta)
            }
            return true
        }
        let removed = stays.count { !$0 }
        if removed == stays.count { return .emptied(recordsRemoved: removed) }
        let needsHorizon = keepsTombstone && header.deleteHorizon == nil
        if removed == 0, !needsHorizon { return .kept }
        var changed = header
        changed.recordCount -= Int32(removed)
        if header.attributes.timestampType == .createTime { changed.maxTimestamp = maxTimestamp }
        if needsHorizon {
            changed.attributes.hasDeleteHorizon = true
            changed.baseTimestamp = now.addingReportingOverflow(deleteRetention).overflow ? .max : now + deleteRetention
        }
        let shift = header.baseTimestamp &- changed.baseTimestamp
        return .rewritten(bytes(of: changed, records, stays, shift), recordsRemoved: removed)
    }

    private func isKept(_ place: StoredRecords.Place, of records: StoredRecords, _ header: RecordBatchHeader) -> Bool {
        let offset = header.baseOffset + place.offsetDelta
        if offset >= end { return true }
        guard let range = place.key else { return false }
        let key = records.bytes.readableBytesSpan.extracting(range)
        if let newest = keys.offset(of: key), newest > offset { return false }
        guard place.isTombstone, let horizon = header.deleteHorizon else { return true }
        return now < horizon
    }

    /// The batch with those of its records that stay, compressed as it was.
    ///
    /// - Parameter shift: What their timestamps' deltas grow by, as they count from another time.
    private func bytes(
        of header: RecordBatchHeader,
        _ records: StoredRecords,
        _ stays: [Bool],
        _ shift: Int64
    ) -> ByteBuffer {
        let room = ByteBuffer(repeating: 0, count: RecordBatchHeader.byteCount)
        let compression = RecordCompression(header.attributes.codec ?? .none)
        let batch = RecordCompressor.compress(compression, after: room, bytesMax: Int(Int32.max)) { compressor in
            let span = records.bytes.readableBytesSpan
            var index = 0
            records.forEach { place in
                defer { index += 1 }
                guard stays[index] else { return true }
                if shift == 0 { return compressor.append(span.extracting(place.bytes)) }
                // The attributes, of which none are in use, and the new delta.
                var fields = ByteBuffer(integer: UInt8(0))
                fields.writeVarlong(place.timestampDelta &+ shift)
                var start = ByteBuffer()
                start.writeVarlong(Int64(fields.readableBytes + place.rest.count))
                start.writeBuffer(&fields)
                return compressor.append(start.readableBytesSpan) && compressor.append(span.extracting(place.rest))
            }
        }
        guard var batch else { preconditionFailure("a batch of 2 GiB is left of a smaller one") }
        var sealed = header
        sealed.seal(&batch)
        return batch
    }
}
