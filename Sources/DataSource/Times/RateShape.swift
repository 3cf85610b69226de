/// How the number of records changes with time: a curve, and bursts on top of it.
///
/// Levels are constant in stretches: hours, the rows of a file, bursts. A curve by name is a multiple of the mean rate, a
/// file's levels are records per second.
package struct RateShape: Equatable, Sendable {
    package enum Curve: Equatable, Sendable {
        case flat
        /// By the hour of the day, in UTC: quiet nights, a peak at noon and a higher one in the evening.
        case daily
        /// The same, and by the day of the week: most on Fridays, least on Sundays.
        case weekly
        /// As a file says; see ``RateFile``.
        case file(RateFile)
    }

    /// For `length`, once every `every`, beginning with the run, `factor` times as many records.
    package struct Burst: Equatable, Sendable {
        package static let factorMax = 1_000
        package static let millisecondsMin: Int64 = 100

        package let factor: Int
        package let lengthMilliseconds: Int64
        package let everyMilliseconds: Int64
    }

    package var curve = Curve.flat
    package var burst: Burst?

    package init() {}

    package var isFlat: Bool { self == RateShape() }

    /// Whether the levels are records per second, and not multiples of a mean rate.
    package var isAbsolute: Bool {
        if case .file = curve { return true }
        return false
    }

    /// Percent of the mean by hour; their mean is 100.
    static let hours = [
        40, 24, 16, 12, 14, 20, 49, 85, 120, 135, 140, 150, 165, 150, 130, 125, 135, 155, 180, 175, 145, 110, 75, 50,
    ]
    /// Percent of the mean by day, from Monday; their mean is 100.
    static let days = [100, 96, 98, 104, 118, 112, 72]

    private static let hourMilliseconds: Int64 = 3_600_000

    /// A stretch of time with one level.
    struct Stretch: Equatable {
        let level: Double
        /// When it ends, in milliseconds since the beginning.
        let end: Int64
    }

    /// The stretch that `time` lies in.
    ///
    /// - Parameters:
    ///   - time: milliseconds since the beginning, from 0 on.
    ///   - start: the beginning, in milliseconds since 1970-01-01T00:00Z.
    func stretch(at time: Int64, from start: Int64) -> Stretch {
        var level = 1.0
        var end = Int64.max
        switch curve {
        case .flat: break
        case .daily, .weekly:
            let hour = Self.floor(start + time, by: Self.hourMilliseconds)
            let day = Self.floor(hour, by: 24)
            level = Double(Self.hours[Int(hour - day * 24)]) / 100
            // 1970-01-01 was a Thursday.
            if curve == .weekly { level *= Double(Self.days[Int(day + 3 - Self.floor(day + 3, by: 7) * 7)]) / 100 }
            end = (hour + 1) * Self.hourMilliseconds - start
        case .file(let file): (level, end) = file.stretch(at: time)
        }
        if let burst {
            let begin = time - time % burst.everyMilliseconds
            let isBurst = time - begin < burst.lengthMilliseconds
            if isBurst { level *= Double(burst.factor) }
            end = min(end, begin + (isBurst ? burst.lengthMilliseconds : burst.everyMilliseconds))
        }
        return Stretch(level: level, end: end)
    }

    /// How many stretches a span of time has, about.
    func stretchCount(in spanMilliseconds: Int64) -> Int64 {
        var count: Int64 = 1
        switch curve {
        case .flat: break
        case .daily, .weekly: count += spanMilliseconds / Self.hourMilliseconds + 1
        case .file(let file): count += Int64(file.rows.count)
        }
        if let burst { count += 2 * (spanMilliseconds / burst.everyMilliseconds + 1) }
        return count
    }

    private static func floor(_ number: Int64, by divisor: Int64) -> Int64 {
        number >= 0 ? number / divisor : -((divisor - 1 - number) / divisor)
    }
}

extension RateShape.Burst {
    /// Why a text says no bursts.
    package struct Problem: Error, Equatable, CustomStringConvertible {
        package let description: String
    }

    /// Reads `10x30s/10m`: ten times as many records for thirty seconds, every ten minutes.
    package init(text: String) throws(Problem) {
        let parts = text.split(separator: "x", maxSplits: 1, omittingEmptySubsequences: false)
        let times = (parts.count == 2 ? parts[1] : "").split(separator: "/", omittingEmptySubsequences: false)
            .map { Duration(text: String($0))?.milliseconds }
        guard let factor = Int(parts[0]), (1...Self.factorMax).contains(factor), times.count == 2,
            let length = times[0], let every = times[1], length >= Self.millisecondsMin, every > length
        else {
            throw Problem(
                description:
                    "bursts are FACTORxLENGTH/EVERY, as in 10x30s/10m: a factor from 1 to \(Self.factorMax), a "
                    + "length from \(Self.millisecondsMin)ms, and a longer time from one burst to the next"
            )
        }
        self.init(factor: factor, lengthMilliseconds: length, everyMilliseconds: every)
    }
}

extension Duration {
    /// Whole milliseconds, rounded down.
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000 + attoseconds / 1_000_000_000_000_000
    }
}
