package import KafkaTopics

/// What time it is, by two clocks.
///
/// The wall clock may jump either way (a person or NTP sets it), so it serves only what is written down and what is
/// compared with records' timestamps. How long something takes or waits is measured by the monotonic clock.
package struct Moment: Hashable, Sendable {
    package let wall: Timestamp
    package let monotonic: MonotonicTime

    package init(wall: Timestamp, monotonic: MonotonicTime) {
        self.wall = wall
        self.monotonic = monotonic
    }

    /// When the wall clock will say `wall` if it is not set meanwhile.
    package func monotonicTime(ofWall wall: Timestamp) -> MonotonicTime {
        monotonic.advanced(byMilliseconds: wall.milliseconds(since: self.wall))
    }
}

/// A moment of the monotonic clock, in milliseconds since some fixed one: it means something only within a process.
package struct MonotonicTime: Hashable, Sendable, Comparable {
    package let milliseconds: Int64

    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    package static func < (left: MonotonicTime, right: MonotonicTime) -> Bool {
        left.milliseconds < right.milliseconds
    }

    /// The moment `milliseconds` later; the last one there is, where that would overflow.
    package func advanced(byMilliseconds milliseconds: Int64) -> MonotonicTime {
        let (sum, overflow) = self.milliseconds.addingReportingOverflow(milliseconds)
        return MonotonicTime(milliseconds: overflow ? (milliseconds < 0 ? .min : .max) : sum)
    }

    /// How many milliseconds after `earlier` this is.
    package func milliseconds(since earlier: MonotonicTime) -> Int64 {
        milliseconds - earlier.milliseconds
    }
}
