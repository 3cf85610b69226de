import KafkaProtocol
package import NIOCore

/// A record of a log.
package struct LogRecord: Sendable {
    package let offset: Int64
    /// As its batch says, ms since 1970.
    package let timestamp: Int64
    package let key: ByteBuffer?
    /// `nil` for a tombstone.
    package let value: ByteBuffer?
}

/// For those who keep their state in a log.
extension PartitionLog {
    /// Calls `body` with each record, the oldest first. Batches without records are passed over, and so are those that cannot
    /// be read: the CRC of each is checked.
    ///
    /// - Returns: the offsets whose records cannot be read.
    package func forEachRecord(_ body: (LogRecord) -> Void) throws(LogError) -> [Range<Int64>] {
        let bounds = LogLimits.decompression(messageBytesMax: configuration.messageBytesMax)
        var unreadable: [Range<Int64>] = []
        var next = logStartOffset
        while let slice = try read(from: next, maxBytes: LogLimits.recoveryReadBytes) {
            if slice.baseOffset > next { unreadable.append(next..<slice.baseOffset) }
            next = max(next, slice.baseOffset)
            let begin = next
            var bytes = try slice.bytes()
            while let header = try? RecordBatchHeader(bytes),
                let batch = bytes.readSlice(length: header.totalByteCount)
            {
                // The CRC does not cover the offset.
                guard header.baseOffset <= next, header.nextOffset > next else { continue }
                if !read(batch, header, bounds, body) { unreadable.append(next..<header.nextOffset) }
                next = header.nextOffset
            }
            if next == begin { break }
        }
        let end = endOffset
        if next < end { unreadable.append(next..<end) }
        return unreadable
    }

    /// - Returns: whether the batch is what its header says.
    private func read(
        _ batch: ByteBuffer,
        _ header: RecordBatchHeader,
        _ bounds: RecordDecompressor.Bounds,
        _ body: (LogRecord) -> Void
    ) -> Bool {
        guard (try? header.verify(batch.readableBytesSpan)) != nil else { return false }
        if header.attributes.isControl { return true }
        guard let records = StoredRecords(batch, header, bounds) else { return false }
        let bytes = records.bytes
        func slice(_ range: Range<Int>) -> ByteBuffer? {
            bytes.getSlice(at: bytes.readerIndex + range.lowerBound, length: range.count)
        }
        return records.forEach { place in
            body(
                LogRecord(
                    offset: header.baseOffset + place.offsetDelta,
                    timestamp: header.baseTimestamp &+ place.timestampDelta,
                    key: place.key.flatMap(slice),
                    value: place.value.flatMap(slice)
                )
            )
            return true
        }
    }
}
