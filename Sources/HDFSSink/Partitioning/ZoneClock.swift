import ConnectAPI
import Foundation
package import KafkaTopics

/// The wall clock of a time zone, including daylight saving.
package struct ZoneClock: Hashable, Sendable {
    /// The clock of UTC.
    package static let utc = ZoneClock(zone: .gmt)

    private let zone: TimeZone

    private init(zone: TimeZone) {
        self.zone = zone
    }

    /// - Parameter timeZone: a name of the IANA table.
    /// - Throws: if there is no such zone.
    package init(timeZone: String) throws(PartitionerError) {
        guard let zone = TimeZone(identifier: timeZone) else { throw .unknownTimeZone(timeZone) }
        self.zone = zone
    }

    /// The zone's name in the IANA table.
    var name: String { zone.identifier }

    /// What to add to UTC at a moment, both in milliseconds; the moment is counted from 1970-01-01T00:00Z.
    func offsetMilliseconds(at milliseconds: Int64) -> Int64 {
        Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(milliseconds) / 1000))) * 1000
    }

    /// The first moment after `time` at which this clock shows a multiple of `interval` milliseconds, counted from
    /// its midnight of 1970-01-01. If daylight saving skips that time of day, it is the moment at which
    /// an unchanged clock would show it.
    package func boundary(behind time: Timestamp, every interval: Int64) -> Timestamp {
        let offset = offsetMilliseconds(at: time.milliseconds)
        let passed = LocalTime.floorDivide(time.milliseconds + offset, by: interval).remainder
        let unchanged = time.advanced(byMilliseconds: interval - passed)
        // Outside the calendar the offset is not known.
        guard TimeBasedPartitioner.moments.contains(unchanged.milliseconds) else { return unchanged }
        let change = offsetMilliseconds(at: unchanged.milliseconds) - offset
        let changed = unchanged.advanced(byMilliseconds: -change)
        let candidates = [min(unchanged, changed), max(unchanged, changed)]
        return candidates.first { $0 > time && isBoundary($0, every: interval) } ?? unchanged
    }

    private func isBoundary(_ time: Timestamp, every interval: Int64) -> Bool {
        (time.milliseconds + offsetMilliseconds(at: time.milliseconds)) % interval == 0
    }
}
