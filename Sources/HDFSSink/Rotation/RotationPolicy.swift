package import ConnectAPI
import KafkaTopics

/// Decides when the records that a partition has taken since its last commit are due to be filed. Pure: time is a
/// parameter.
///
/// Waiting is measured on the monotonic clock. The schedule and the end of a directory are due when the wall clock says
/// so, and at the latest when it would have said so without being set: a clock that is set back by a day delays nothing.
///
/// All open files of a partition are committed together, because a commit covers offsets without a gap.
package struct RotationPolicy: Sendable {
    /// Records are filed before this fraction of the topic's retention has passed, so that a sink that has to start again
    /// then still finds them.
    package static let retentionParts: Int64 = 4

    private let settings: RotationSettings
    /// How long the topic keeps records; `nil` if that is unlimited.
    package var retentionMilliseconds: Int64?
    private var open: Open?

    /// What was taken since the last commit.
    private struct Open: Sendable {
        let since: MonotonicTime
        /// The first boundary of the schedule behind `since`.
        let scheduled: WallDeadline?
        /// The records' own time; `nil` if there is none so far.
        var times: (first: Int64, greatest: Int64)?
        var rows: Int64 = 0
        var bytes: Int64 = 0
        /// The earliest end of a directory that was not over when its records were taken.
        var directoryEnd: WallDeadline?
    }

    /// A time of the wall clock, and when the monotonic clock expected it.
    private struct WallDeadline: Sendable {
        let wall: Timestamp
        let monotonic: MonotonicTime

        init(_ wall: Timestamp, now: Moment) {
            self.wall = wall
            monotonic = now.monotonicTime(ofWall: wall)
        }
    }

    private struct Deadline {
        let time: MonotonicTime
        let reason: RotationReason
    }

    package init(_ settings: RotationSettings, retentionMilliseconds: Int64?) {
        self.settings = settings
        self.retentionMilliseconds = retentionMilliseconds
    }

    /// Records were taken that lie in one directory.
    ///
    /// - Parameters:
    ///   - leastTimestamp: of these records, milliseconds since 1970; so is `greatestTimestamp`.
    ///   - spanEnd: when their directory is over, milliseconds since 1970. Late records, whose directory
    ///     is over already, set no deadline: they would otherwise get a file each.
    package mutating func took(
        rows: Int64,
        bytes: Int64,
        leastTimestamp: Int64,
        greatestTimestamp: Int64,
        spanEnd: Int64,
        now: Moment
    ) {
        var taken = open ?? began(now)
        taken.rows += rows
        taken.bytes += bytes
        let times = taken.times ?? (leastTimestamp, greatestTimestamp)
        taken.times = (times.first, max(times.greatest, greatestTimestamp))
        let end = WallDeadline(Timestamp(milliseconds: spanEnd), now: now)
        if end.wall > now.wall, end.monotonic < taken.directoryEnd?.monotonic ?? .init(milliseconds: .max) {
            taken.directoryEnd = end
        }
        open = taken
    }

    /// Offsets without anything to file were passed, and the position has to be committed all the same. They have no time
    /// of their own, so only a clock sets a deadline.
    package mutating func passed(now: Moment) {
        open = open ?? began(now)
    }

    private func began(_ now: Moment) -> Open {
        let clock = settings.scheduleClock
        return Open(
            since: now.monotonic,
            scheduled: settings.scheduleIntervalMilliseconds.map {
                WallDeadline(clock.boundary(behind: now.wall, every: $0), now: now)
            }
        )
    }

    /// All that was taken is filed.
    package mutating func committed() {
        open = nil
    }

    /// Why what was taken has to be filed now; `nil` if it does not.
    package func dueReason(now: Moment) -> RotationReason? {
        guard let open else { return nil }
        if open.rows >= settings.flushSize { return .flushSize }
        if let bytes = settings.sizeBytes, open.bytes >= bytes { return .sizeBytes }
        if settings.intervalClock == .records, let interval = settings.intervalMilliseconds, let times = open.times,
            times.greatest - times.first >= interval
        {
            return .interval
        }
        return deadlines(of: open, now: now).filter { $0.time <= now.monotonic }.min { $0.time < $1.time }?.reason
    }

    /// When `dueReason` will give a reason without any further record; `nil` if nothing was taken.
    package func deadline(now: Moment) -> MonotonicTime? {
        guard let open else { return nil }
        if dueReason(now: now) != nil { return now.monotonic }
        return deadlines(of: open, now: now).map(\.time).min()
    }

    private func deadlines(of open: Open, now: Moment) -> [Deadline] {
        var deadlines: [Deadline] = []
        func after(_ milliseconds: Int64, _ reason: RotationReason) {
            deadlines.append(Deadline(time: open.since.advanced(byMilliseconds: milliseconds), reason: reason))
        }
        func at(_ deadline: WallDeadline?, _ reason: RotationReason) {
            guard let deadline else { return }
            let isDue = deadline.wall <= now.wall
            let time = isDue ? min(deadline.monotonic, now.monotonic) : deadline.monotonic
            deadlines.append(Deadline(time: time, reason: reason))
        }
        // Offsets without records have no time of their own, so only a clock can ask for them.
        if settings.intervalClock == .wall || open.rows == 0, let interval = settings.intervalMilliseconds {
            after(interval, .interval)
        }
        at(open.scheduled, .schedule)
        at(open.directoryEnd, .directoryIsOver)
        if let within = settings.visibleWithinMilliseconds { after(within, .visibleWithin) }
        if let retentionMilliseconds { after(max(1, retentionMilliseconds / Self.retentionParts), .retention) }
        return deadlines
    }
}

/// When records that were taken have to be filed; `nil` sets no bound.
package struct RotationSettings: Hashable, Sendable {
    /// Which clock `rotate.interval.ms` goes by.
    package enum IntervalClock: Hashable, Sendable {
        /// The records' own timestamps: the interval is over when a record comes that is that much younger.
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

/// Why the records of a partition are filed now; the text is the setting that asked for it, or the occasion.
package enum RotationReason: String, Hashable, Sendable {
    case flushSize = "flush.size"
    case sizeBytes = "rotate.size.bytes"
    case interval = "rotate.interval.ms"
    case schedule = "rotate.schedule.interval.ms"
    case directoryIsOver = "directory is over"
    case visibleWithin = "visible.within.ms"
    case retention = "retention"
    case openFiles = "too many open directories"
    case handedOver = "handed over"
}
