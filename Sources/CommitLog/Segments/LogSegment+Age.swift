extension LogSegment {
    /// How old its newest record is at `now`, in ms; `nil` where it has no record.
    ///
    /// A timestamp later than the moment of appending does not count: with a producer's clock in the future the
    /// segment would stay for ever.
    func age(now: Int64) throws(LogError) -> Int64? {
        guard let lastAppend else { return nil }
        let timestamp = try largestTimestamp()
        return now - (timestamp < 0 ? lastAppend : min(timestamp, lastAppend))
    }
}
