/// A record found by its time.
package struct TimestampedOffset: Hashable, Sendable {
    package let offset: Int64
    /// Its timestamp, ms since 1970.
    package let timestamp: Int64

    package init(offset: Int64, timestamp: Int64) {
        self.offset = offset
        self.timestamp = timestamp
    }
}
