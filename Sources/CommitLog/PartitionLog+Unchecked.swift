import Files
import KafkaProtocol
package import NIOCore
import Synchronization

/// What a consumer is given of a log where earlier versions took compressed batches unread.
package enum CheckedSlice: Sendable {
    /// Batches that were looked into.
    case right(LogSlice)
    /// A batch that no consumer can read: in its place one without records, with the same offsets. Its own bytes stay
    /// on the disk.
    case replaced(ByteBuffer, DamagedBatch)
}

/// A batch that an earlier version took unread, and that cannot be read.
package struct DamagedBatch: Hashable, Sendable {
    package let offsets: ClosedRange<Int64>
    package let reason: String
    /// Whether it was met for the first time since the log was opened.
    package let isNew: Bool
}

extension PartitionLog {
    /// Compressed batches below it may never have been looked into; see ``checked(_:)``.
    package var uncheckedBelow: Int64 { unchecked.load(ordering: .relaxed) }

    /// Looks into the compressed batches of a slice that begins below ``uncheckedBelow``. May take long.
    ///
    /// - Returns: the slice, or its first part: it ends where enough was looked into, and before a batch that cannot be
    ///   read. Where the first batch is one, what is to be sent in its place.
    package func checked(_ slice: LogSlice) throws(LogError) -> CheckedSlice {
        let limit = uncheckedBelow
        let messageBytesMax = state.withLock { $0.configuration.messageBytesMax }
        let bounds = LogLimits.decompression(messageBytesMax: messageBytesMax)
        let end = slice.position + slice.length
        var scanner = BatchScanner(
            slice.file,
            from: slice.position,
            to: end,
            verifies: false,
            readBytes: LogLimits.lookupReadBytes
        )
        while let batch = try LogError.mapping({ () throws(FileError) in try scanner.next() }) {
            guard batch.header.baseOffset < limit else { return .right(slice) }
            guard let codec = batch.header.attributes.codec, codec != .none else { continue }
            if batch.position > slice.position, batch.end - slice.position > LogLimits.recoveryReadBytes {
                return .right(slice.part(endingAt: batch.position))
            }
            guard let problem = try problem(with: batch, of: slice, codec, bounds) else { continue }
            if batch.position > slice.position { return .right(slice.part(endingAt: batch.position)) }
            let offsets = batch.header.baseOffset...batch.header.lastOffset
            let isNew = state.withLock { state in
                guard state.damagedOffsets.count < LogLimits.damagedBatchesMax else { return false }
                return state.damagedOffsets.insert(offsets.lowerBound).inserted
            }
            let damage = DamagedBatch(offsets: offsets, reason: problem, isNew: isNew)
            return .replaced(GapBatch.bytes(batch.header.baseOffset..<batch.header.nextOffset), damage)
        }
        return .right(slice)
    }

    private func problem(
        with batch: StoredBatch,
        of slice: LogSlice,
        _ codec: CompressionCodec,
        _ bounds: RecordDecompressor.Bounds
    ) throws(LogError) -> String? {
        let bytes = try LogSlice(
            file: slice.file,
            position: batch.position,
            length: batch.header.totalByteCount,
            baseOffset: batch.header.baseOffset
        ).bytes()
        do throws(DecompressionError) {
            return try RecordCheck.run(on: bytes.readableBytesSpan, batch.header, codec, bounds).end()
        } catch {
            return error.description
        }
    }
}

extension LogSlice {
    /// The offset behind the slice where none of its batches has a record; `nil` where one has.
    package func endWithoutRecords() throws(LogError) -> Int64? {
        var end = baseOffset
        var scanner = BatchScanner(
            file,
            from: position,
            to: position + length,
            verifies: false,
            readBytes: LogLimits.lookupReadBytes
        )
        while let batch = try LogError.mapping({ () throws(FileError) in try scanner.next() }) {
            if batch.header.recordCount > 0 { return nil }
            end = batch.header.nextOffset
        }
        return end > baseOffset ? end : nil
    }

    fileprivate func part(endingAt end: Int) -> LogSlice {
        LogSlice(file: file, position: position, length: end - position, baseOffset: baseOffset)
    }
}
