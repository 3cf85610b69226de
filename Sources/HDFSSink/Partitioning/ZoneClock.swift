import ConnectAPI
import Foundation
package import KafkaTopics
import PlainText

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

/// A moment on a wall clock of some time zone: a date and a time of day, in the proleptic Gregorian calendar.
struct LocalTime: Hashable, Sendable {
    let date: CalendarDate
    /// 0…86,399,999.
    let millisecondOfDay: Int64

    /// - Parameter milliseconds: since 1970-01-01T00:00 on that wall clock.
    init(milliseconds: Int64) {
        let (day, rest) = Self.floorDivide(milliseconds, by: Self.dayMilliseconds)
        date = CalendarDate(dayNumber: Int(day))
        millisecondOfDay = rest
    }

    static let dayMilliseconds: Int64 = 86_400_000

    var hour: Int { Int(millisecondOfDay / 3_600_000) }
    var minute: Int { Int(millisecondOfDay / 60_000 % 60) }
    var second: Int { Int(millisecondOfDay / 1000 % 60) }
    var millisecond: Int { Int(millisecondOfDay % 1000) }

    /// Quotient and remainder by a positive divisor, the remainder never negative.
    static func floorDivide(_ number: Int64, by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = number.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
