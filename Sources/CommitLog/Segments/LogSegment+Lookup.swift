extension LogSegment {
    /// Where to look for the batch with an offset: at or before it.
    func position(notBehind offset: Int64) throws(LogError) -> Int {
        let relative = offset - baseOffset
        return Int(try offsetIndex.last { Int64($0.relativeOffset) <= relative }?.position ?? 0)
    }

    /// Starts of batches that the index knows, for a read of `maxBytes`.
    struct Place {
        /// At or before the batch that is looked for.
        var start = 0
        /// The last one known that begins among the bytes to be read.
        var lastStart = 0
    }

    func place(of offset: Int64, maxBytes: Int) throws(LogError) -> Place {
        let start = try position(notBehind: offset)
        let limit = start + max(0, min(maxBytes, size))
        let lastStart = try offsetIndex.last { Int($0.position) <= limit }?.position ?? 0
        return Place(start: start, lastStart: Int(lastStart))
    }

    /// Where to look for the first record that is not older than `timestamp`: at or before it.
    func position(before timestamp: Int64) throws(LogError) -> Int {
        guard let entry = try timeIndex.last(where: { $0.timestamp < timestamp }) else { return 0 }
        return try position(notBehind: baseOffset + Int64(entry.relativeOffset))
    }
}
