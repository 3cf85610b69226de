/// When records that were taken are to be filed; what is `nil` asks for nothing.
package struct RotationSettings: Hashable, Sendable {
    /// Which clock `rotate.interval.ms` goes by.
    package enum IntervalClock: Hashable, Sendable {
        /// The records' own timestamps: the interval is over when a record comes that is so much younger.
        case records
        /// The wall clock, since the first record was taken.
        case wall
    }

    /// `flush.size`: records of a partition.
    package var flushSize: Int64
    /// `rotate.size.bytes`: bytes of a partition.
    package var sizeBytes: Int64?
    /// `rotate.interval.ms`.
    package var intervalMilliseconds: Int64?
    package var intervalClock = IntervalClock.records
    /// `rotate.schedule.interval.ms`: at each multiple of this on `scheduleClock`.
    package var scheduleIntervalMilliseconds: Int64?
    /// The wall clock of the sink's zone.
    package var scheduleClock = ZoneClock.utc
    /// `visible.within.ms`: the longest time for which a record is in no file.
    package var visibleWithinMilliseconds: Int64?

    /// - Parameter flushSize: records of a partition, from 1.
    package init(flushSize: Int64) {
        self.flushSize = flushSize
    }
}
