import Foundation
import PipelineTesting
import Testing

@testable import DataSource

@Suite struct RateShapeTests {
    private static let hour: Int64 = 3_600_000
    /// Monday, 2021-03-22T00:00Z.
    private static let monday: Int64 = 18_708 * 86_400_000

    private func shape(_ curve: RateShape.Curve, burst: String? = nil) throws -> RateShape {
        var shape = RateShape()
        shape.curve = curve
        shape.burst = try burst.map { try RateShape.Burst(text: $0) }
        return shape
    }

    @Test func curvesHaveTheMeanThatWasAskedFor() {
        #expect(RateShape.hours.count == 24 && RateShape.hours.reduce(0, +) == 2_400)
        #expect(RateShape.days.count == 7 && RateShape.days.reduce(0, +) == 700)
    }

    @Test func aStretchOfTheDailyCurveIsAnHour() throws {
        let daily = try shape(.daily)
        let stretch = daily.stretch(at: 12 * Self.hour + 1, from: Self.monday)
        #expect(stretch == .init(level: 1.65, end: 13 * Self.hour))
        // A run that begins at half past has a first stretch of half an hour.
        let late = daily.stretch(at: 0, from: Self.monday + Self.hour / 2)
        #expect(late == .init(level: 0.4, end: Self.hour / 2))
    }

    @Test func theWeeklyCurveKnowsItsDays() throws {
        let weekly = try shape(.weekly)
        let levels = (0..<14).map { weekly.stretch(at: $0 * 24 * Self.hour, from: Self.monday).level }
        let expected = (RateShape.days + RateShape.days).map { 0.4 * Double($0) / 100 }
        for (level, wanted) in zip(levels, expected) { #expect(abs(level - wanted) < 1e-9) }
        // Before 1970, too.
        #expect(weekly.stretch(at: 0, from: -3 * 24 * Self.hour).level == 0.4)
    }

    @Test func burstsComeAndGo() throws {
        let bursts = try shape(.flat, burst: "10x30s/10m")
        #expect(bursts.stretch(at: 0, from: 0) == .init(level: 10, end: 30_000))
        #expect(bursts.stretch(at: 30_000, from: 0) == .init(level: 1, end: 600_000))
        #expect(bursts.stretch(at: 600_000, from: 0) == .init(level: 10, end: 630_000))
    }

    @Test(arguments: [
        "", "10", "x", "10x", "10x30s", "10x30s/", "0x30s/1m", "1001x30s/1m", "-1x1s/1m", "2x1m/1m", "2x0s/1m",
        "2x1s/1m/1h",
        "2x1ms/1s",
    ])
    func aBurstThatIsNoneIsExplained(_ text: String) {
        let problem = #expect(throws: RateShape.Burst.Problem.self) { try RateShape.Burst(text: text) }
        #expect(problem?.description.contains("10x30s/10m") == true)
    }

    @Test func aFileOfRatesIsFollowed() throws {
        let file = try RateFile(csv: "at,rate\n0s,100\n 8h , 500\r\n20h,0\n")
        let rates = try shape(.file(file))
        #expect(rates.isAbsolute)
        #expect(rates.stretch(at: 0, from: 5) == .init(level: 100, end: 8 * Self.hour))
        #expect(rates.stretch(at: 8 * Self.hour, from: 5) == .init(level: 500, end: 20 * Self.hour))
        #expect(rates.stretch(at: .max - 1, from: 5) == .init(level: 0, end: .max))
        let pace = Pace(mean: nil, shape: rates, startMilliseconds: 0)
        #expect(pace.rate(at: .seconds(1)) == 100)
        #expect(pace.rate(at: .seconds(3_600 * 21)) == 0)
    }

    @Test(arguments: [
        ("", "no rate"), ("at,rate", "no rate"), ("0s,0", "no rate"), ("1h,5", "begin with 0s"),
        ("0s,5\n0s,6", "rise"), ("0s,5\nsoon,6", "soon,6"), ("0s,-1", "0s,-1"), ("0s,5,6", "0s,5,6"),
        ("0s,99999999999", "99999999999"), ("0s,1e3", "0s,1e3"), ("\u{1B}[2J,x\n\u{1B},1", "\\u{1b}"),
    ])
    func aFileThatIsNoneIsExplained(_ text: String, _ words: String) {
        let problem = #expect(throws: RateFile.Problem.self) { try RateFile(csv: text) }
        #expect(problem?.description.contains(words) == true, "\(String(describing: problem))")
    }

    @Test func aFileThatCannotBeReadIsNamed() throws {
        try withTemporaryDirectory { directory in
            let missing = #expect(throws: RateFile.Problem.self) { try RateFile(path: "\(directory)/none.csv") }
            #expect(missing?.description.contains("none.csv") == true)
            let path = "\(directory)/bytes.csv"
            try Data([0x30, 0xFF]).write(to: URL(fileURLWithPath: path))
            let binary = #expect(throws: RateFile.Problem.self) { try RateFile(path: path) }
            #expect(binary?.description.contains("UTF-8") == true)
            try Data(count: RateFile.bytesMax + 1).write(to: URL(fileURLWithPath: path))
            let large = #expect(throws: RateFile.Problem.self) { try RateFile(path: path) }
            #expect(large?.description.contains("bytes") == true)
        }
    }

    @Test func aRateStaysWithinItsBounds() throws {
        let pace = Pace(mean: Limits.rateMax, shape: try shape(.flat, burst: "1000x1s/2s"), startMilliseconds: 0)
        #expect(pace.rate(at: .zero) == Limits.rateMax)
    }

    /// A day at a thousand records a second has as many as a flat day would have, more of them at noon than at night.
    @Test func aPlanFollowsItsCurve() throws {
        var plan = SourcePlan(
            total: nil,
            duration: .seconds(86_400),
            pace: Pace(mean: 1_000, shape: try shape(.daily), startMilliseconds: Self.monday)
        )
        var made = [Int](repeating: 0, count: 24)
        var now = Duration.zero
        loop: while true {
            switch plan.next(now: now) {
            case .make(let count): made[Int(now / .seconds(3_600))] += count
            case .wait(let time): now += max(time, .milliseconds(50))
            case .end: break loop
            }
        }
        for (count, percent) in zip(made, RateShape.hours) {
            #expect(abs(count - percent * 36_000) < 36_000, "\(count) instead of \(percent * 36_000)")
        }
    }

    @Test func aPlanPausesWhereTheRateIsZero() throws {
        let rates = try shape(.file(RateFile(csv: "0s,0\n1s,10")))
        var plan = SourcePlan(
            total: 5,
            duration: nil,
            pace: Pace(mean: nil, shape: rates, startMilliseconds: 0),
            roundRecords: 10
        )
        #expect(plan.next(now: .zero) == .wait(Limits.waitMax))
        #expect(plan.next(now: .milliseconds(900)) == .wait(Limits.waitMax))
        guard case .make = plan.next(now: .milliseconds(1_200)) else {
            Issue.record("records are due")
            return
        }
    }
}
