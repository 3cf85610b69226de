import Files
import KafkaProtocol

extension LogSegment {
    /// Where to look for the batch with an offset: at or before it.
    func position(notBehind offset: Int64) throws(FileError) -> Int {
        let relative = offset - baseOffset
        return Int(try offsetIndex.last { Int64($0.relativeOffset) <= relative }?.position ?? 0)
    }

    /// The offset behind the last batch, found by the last entry of the index; `nil` where the index or the end of the file
    /// is not what was written. It costs a few reads, however large the segment is.
    mutating func indexedEnd() throws(FileError) -> Int64? {
        let entry = try offsetIndex.last()
        let start = Int(entry?.position ?? 0)
        var expected = baseOffset + Int64(entry?.relativeOffset ?? 0)
        guard start <= size, entry == nil || start < size else { return nil }
        var scanner = BatchScanner(
            try file(),
            from: start,
            to: size,
            verifies: false,
            readBytes: LogLimits.lookupReadBytes
        )
        while let batch = try scanner.next() {
            guard batch.header.baseOffset == expected else { return nil }
            expected = batch.header.nextOffset
        }
        guard scanner.problem == nil, try hasRightLastTime() else { return nil }
        return expected
    }

    /// Whether the last entry of the index of times is that of a batch.
    private mutating func hasRightLastTime() throws(FileError) -> Bool {
        guard let last = try timeIndex.last() else { return true }
        let offset = baseOffset + Int64(last.relativeOffset)
        var scanner = BatchScanner(
            try file(),
            from: try position(notBehind: offset),
            to: size,
            verifies: false,
            readBytes: LogLimits.lookupReadBytes
        )
        while let batch = try scanner.next(), batch.header.baseOffset <= offset {
            if batch.header.baseOffset == offset { return batch.header.maxTimestamp == last.timestamp }
        }
        return false
    }

    /// Starts of batches that the index knows, for a read of `maxBytes`.
    struct Place {
        /// At or before the batch that is looked for.
        var start = 0
        /// The last one known that begins among the bytes to be read.
        var lastStart = 0
    }

    func place(of offset: Int64, maxBytes: Int) throws(FileError) -> Place {
        let start = try position(notBehind: offset)
        let limit = start + max(0, min(maxBytes, size))
        let lastStart = try offsetIndex.last { Int($0.position) <= limit }?.position ?? 0
        return Place(start: start, lastStart: Int(lastStart))
    }

    /// Where to look for the first record that is not older than `timestamp`: at or before it.
    func position(before timestamp: Int64) throws(FileError) -> Int {
        guard let entry = try timeIndex.last(where: { $0.timestamp < timestamp }) else { return 0 }
        return try position(notBehind: baseOffset + Int64(entry.relativeOffset))
    }
}
