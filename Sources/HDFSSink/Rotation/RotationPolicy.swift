package import ConnectAPI

/// Decides when the records that a partition has taken since its last commit are due to be filed. Pure: time is a
/// parameter.
///
/// All that is open of a partition is filed together, since a commit covers offsets without a gap.
package struct RotationPolicy: Sendable {
    /// Records are filed before this part of the topic's retention has gone by: so a sink that then has to start again
    /// still finds them.
    package static let retentionParts: Int64 = 4

    private let settings: RotationSettings
    /// How long the topic keeps records; `nil` where that is unlimited.
    package var retentionMilliseconds: Int64?
    private var open: Open?

    /// What was taken since the last commit.
    private struct Open: Sendable {
        let since: Timestamp
        /// The first boundary of the schedule behind `since`.
        let scheduled: Timestamp?
        /// The records' own time; `nil` as long as there is none.
        var times: (first: Int64, greatest: Int64)?
        var rows: Int64 = 0
        var bytes: Int64 = 0
        /// The earliest end of a directory that was not over when its records were taken.
        var directoryEnd: Timestamp?
    }

    package init(_ settings: RotationSettings, retentionMilliseconds: Int64?) {
        self.settings = settings
        self.retentionMilliseconds = retentionMilliseconds
    }

    /// Records were taken that lie in one directory.
    ///
    /// - Parameters:
    ///   - leastTimestamp: of these records, milliseconds since 1970; so is `greatestTimestamp`.
    ///   - spanEnd: when their directory is over, milliseconds since 1970. Records that come late, into a directory
    ///     that is over already, do not hurry: they would otherwise get a file each.
    package mutating func took(
        rows: Int64,
        bytes: Int64,
        leastTimestamp: Int64,
        greatestTimestamp: Int64,
        spanEnd: Int64,
        now: Timestamp
    ) {
        var taken = open ?? began(now)
        taken.rows += rows
        taken.bytes += bytes
        let times = taken.times ?? (leastTimestamp, greatestTimestamp)
        taken.times = (times.first, max(times.greatest, greatestTimestamp))
        let end = Timestamp(milliseconds: spanEnd)
        if end > now { taken.directoryEnd = min(taken.directoryEnd ?? end, end) }
        open = taken
    }

    /// Offsets were passed at which there is nothing to file, and that have to be remembered all the same. They have no
    /// time of their own, so only the wall clock asks for them.
    package mutating func passed(now: Timestamp) {
        open = open ?? began(now)
    }

    private func began(_ now: Timestamp) -> Open {
        let clock = settings.scheduleClock
        return Open(
            since: now,
            scheduled: settings.scheduleIntervalMilliseconds.map { clock.boundary(behind: now, every: $0) }
        )
    }

    /// All that was taken is filed.
    package mutating func committed() {
        open = nil
    }

    /// Why what was taken has to be filed now; `nil` where nothing asks for it yet.
    package func dueReason(now: Timestamp) -> RotationReason? {
        guard let open else { return nil }
        if open.rows >= settings.flushSize { return .flushSize }
        if let bytes = settings.sizeBytes, open.bytes >= bytes { return .sizeBytes }
        if settings.intervalClock == .records, let interval = settings.intervalMilliseconds, let times = open.times,
            times.greatest - times.first >= interval
        {
            return .interval
        }
        return deadlines(of: open).filter { $0.time <= now }.min { $0.time < $1.time }?.reason
    }

    /// When `dueReason` will give a reason though nothing more is taken; `nil` where nothing was taken.
    package func deadline(now: Timestamp) -> Timestamp? {
        guard let open else { return nil }
        if dueReason(now: now) != nil { return now }
        return deadlines(of: open).map(\.time).min()
    }

    private func deadlines(of open: Open) -> [(time: Timestamp, reason: RotationReason)] {
        var deadlines: [(time: Timestamp, reason: RotationReason)] = []
        // Offsets without records have only the wall clock; nothing else may ever ask for them.
        if settings.intervalClock == .wall || open.rows == 0, let interval = settings.intervalMilliseconds {
            deadlines.append((open.since.advanced(byMilliseconds: interval), .interval))
        }
        if let scheduled = open.scheduled {
            deadlines.append((scheduled, .schedule))
        }
        if let end = open.directoryEnd {
            deadlines.append((end, .directoryIsOver))
        }
        if let within = settings.visibleWithinMilliseconds {
            deadlines.append((open.since.advanced(byMilliseconds: within), .visibleWithin))
        }
        if let retentionMilliseconds {
            let part = max(1, retentionMilliseconds / Self.retentionParts)
            deadlines.append((open.since.advanced(byMilliseconds: part), .retention))
        }
        return deadlines
    }
}
