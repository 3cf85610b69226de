import Community
import KafkaClient
import Testing

@testable import DataSource

@Suite struct RecordTimesTests {
    private static let start: Int64 = 1_616_371_200_000
    private static let week: Int64 = 604_800_000
    private static let record = CommunityRecord(.withoutUser(.users))

    private func times(_ timing: RecordTiming, shape: RateShape = RateShape(), total: Int = 0) -> RecordTimes {
        RecordTimes(timing, shape: shape, total: total, startedAtMilliseconds: 77_000)
    }

    @Test func theTimeOfSendingIsLeftToTheProducer() {
        var times = times(.sending)
        #expect(times.timestamp(of: Self.record, at: 0, elapsed: 5) == nil)
    }

    @Test func aRunCanBeginAtAnotherTime() {
        var times = times(.starting(at: Self.start))
        #expect(times.timestamp(of: Self.record, at: 0, elapsed: 5) == Self.start + 5)
    }

    @Test func lateRecordsAreBeforeTheirPlace() throws {
        let profile = try #require(firstUser)
        let late = CommunityRecord(.registration(profile), dirt: .late, variant: 7)
        var sending = times(.sending)
        // Never before the beginning of time.
        let first = sending.timestamp(of: late, at: 0, elapsed: 0)
        #expect(first == RecordTiming.startMin)
        let second = sending.timestamp(of: late, at: 0, elapsed: 10_000_000)
        #expect(second == Int64(77_000 + 10_000_000 - 3_600_007))
        var moved = times(.starting(at: Self.start))
        let third = moved.timestamp(of: late, at: 0, elapsed: 0)
        #expect(third == Self.start - 3_600_007)
    }

    private var firstUser: UserProfile? {
        var generator = CommunityGenerator(CommunityConfiguration(seed: 1, initialSize: 50))
        for _ in 0..<50 { if case .registration(let profile) = generator.next().event { return profile } }
        return nil
    }

    @Test(arguments: [1, 2, 1_000, 100_000])
    func aSpreadFillsItsSpanEvenly(_ total: Int) {
        var times = times(.spread(from: Self.start, spanMilliseconds: Self.week), total: total)
        var last = Self.start
        for place in 0..<total {
            let time = times.timestamp(of: Self.record, at: place, elapsed: 0) ?? 0
            let wanted = Self.start + Int64((Double(place) + 0.5) / Double(total) * Double(Self.week))
            #expect(abs(time - wanted) <= 1)
            #expect(time >= last && time < Self.start + Self.week)
            last = time
        }
        #expect(times.timestamp(of: Self.record, at: total * 3, elapsed: 0) == Self.start + Self.week - 1)
    }

    /// A million records over a week: the hours of the curve, by chi-squared's measure nearly exact, since nothing is drawn.
    @Test func aSpreadFollowsItsCurve() {
        var shape = RateShape()
        shape.curve = .weekly
        let total = 1_000_000
        var times = times(.spread(from: Self.start, spanMilliseconds: Self.week), shape: shape, total: total)
        var counts = [Int](repeating: 0, count: 168)
        for place in 0..<total {
            let time = times.timestamp(of: Self.record, at: place, elapsed: 0) ?? 0
            counts[Int((time - Self.start) / 3_600_000)] += 1
        }
        // 2021-03-22 is a Monday.
        for (hour, count) in counts.enumerated() {
            let wanted = Double(RateShape.hours[hour % 24] * RateShape.days[hour / 24]) / 10_000 / 168 * Double(total)
            #expect(abs(Double(count) - wanted) <= 2, "hour \(hour): \(count) instead of \(wanted)")
        }
    }

    @Test func aSpreadKnowsPausesAndBursts() throws {
        var shape = RateShape()
        shape.curve = .file(try RateFile(csv: "0s,0\n1h,3\n2h,0\n3h,1\n4h,0"))
        shape.burst = try RateShape.Burst(text: "2x30m/1h")
        var times = times(.spread(from: Self.start, spanMilliseconds: Self.week), shape: shape, total: 12_000)
        var counts: [Int64: Int] = [:]
        for place in 0..<12_000 {
            let time = times.timestamp(of: Self.record, at: place, elapsed: 0) ?? 0
            counts[(time - Self.start) / 1_800_000, default: 0] += 1
        }
        #expect(counts.keys.sorted() == [2, 3, 6, 7])
        #expect(abs(counts[2, default: 0] - 6_000) <= 1 && abs(counts[6, default: 0] - 2_000) <= 1)
    }

    private func problem(_ change: (inout DataSourceConfiguration) throws -> Void) rethrows -> String? {
        var configuration = DataSourceConfiguration(
            community: CommunityConfiguration(initialSize: 1),
            producer: ProducerConfiguration(bootstrap: ["nobody:1"]),
            startedAtMilliseconds: 0
        )
        try change(&configuration)
        return configuration.problem
    }

    @Test func whatGoesNotTogetherIsExplained() throws {
        #expect(problem { $0.timing = .spread(from: Self.start, spanMilliseconds: 1) }?.contains("count") == true)
        #expect(problem { $0.timing = .starting(at: 0) }?.contains("start") == true)
        #expect(problem { $0.timing = .starting(at: .max) }?.contains("start") == true)
        #expect(problem { $0.shape.curve = .daily }?.contains("rate") == true)
        #expect(
            try problem {
                $0.shape.curve = .file(try RateFile(csv: "0s,1"))
                $0.rate = 5
            }?.contains("no other rate") == true
        )
        #expect(
            try problem {
                $0.furtherRecords = 1
                $0.shape.burst = try RateShape.Burst(text: "2x100ms/200ms")
                $0.timing = .spread(from: Self.start, spanMilliseconds: RecordTiming.spanMax)
            }?.contains("too many") == true
        )
        #expect(
            problem {
                $0.furtherRecords = 1
                $0.timing = .spread(from: Self.start, spanMilliseconds: RecordTiming.spanMax + 1)
            }?.contains("ten years") == true
        )
        #expect(problem { $0.truthTopic = "premi" }?.contains("premi") == true)
        #expect(problem { $0.truthTopic = "a b" }?.contains("letters") == true)
        #expect(
            problem {
                $0.furtherRecords = 1
                $0.shape.curve = .weekly
                $0.timing = .spread(from: Self.start, spanMilliseconds: Self.week)
            } == nil
        )
    }
}
