import Testing

@testable import DataSource

@Suite struct SourcePlanTests {
    @Test func roundsSumToTheTotal() {
        var plan = SourcePlan(total: 2_500, duration: nil, pace: nil, roundRecords: 1_000)
        #expect(plan.next(now: .zero) == .make(1_000))
        #expect(plan.next(now: .zero) == .make(1_000))
        #expect(plan.next(now: .zero) == .make(500))
        #expect(plan.ending == nil)
        #expect(plan.next(now: .zero) == .end)
        #expect(plan.ending == .completed)
    }

    @Test func whatIsGivenBackIsMadeLater() {
        var plan = SourcePlan(total: 15, duration: nil, pace: nil, roundRecords: 10)
        #expect(plan.next(now: .zero) == .make(10))
        plan.giveBack(4)
        #expect(plan.next(now: .zero) == .make(9))
        #expect(plan.next(now: .zero) == .end)
    }

    @Test func nothingToDoEndsAtOnce() {
        var plan = SourcePlan(total: 0, duration: nil, pace: Pace(recordsPerSecond: 5))
        #expect(plan.next(now: .zero) == .end)
        #expect(plan.ending == .completed)
    }

    @Test func theTimeEndsARun() {
        var plan = SourcePlan(total: nil, duration: .seconds(2), pace: nil, roundRecords: 10)
        #expect(plan.next(now: .milliseconds(1_999)) == .make(10))
        #expect(plan.next(now: .seconds(2)) == .end)
        #expect(plan.ending == .completed)
    }

    @Test func aStopEndsARunAndSaysSo() {
        var plan = SourcePlan(total: 100, duration: nil, pace: nil, roundRecords: 10)
        #expect(plan.next(now: .zero) == .make(10))
        plan.stop()
        #expect(plan.next(now: .zero) == .end)
        #expect(plan.ending == .stopped)
        #expect(plan.next(now: .zero) == .end, "an end is an end")
    }

    @Test func aStopAfterTheLastRecordIsNoInterruption() {
        var plan = SourcePlan(total: 10, duration: nil, pace: nil, roundRecords: 10)
        #expect(plan.next(now: .zero) == .make(10))
        plan.stop()
        #expect(plan.next(now: .zero) == .end)
        #expect(plan.ending == .completed)
    }

    @Test func waitsAreShortEnoughToNoticeAStopAndTheEnd() {
        var plan = SourcePlan(total: nil, duration: .milliseconds(150), pace: Pace(recordsPerSecond: 1))
        #expect(plan.next(now: .zero) == .make(1))
        #expect(plan.next(now: .zero) == .wait(Limits.waitMax))
        #expect(plan.next(now: .milliseconds(100)) == .wait(.milliseconds(50)))
        #expect(plan.next(now: .milliseconds(150)) == .end)
    }

    @Test func aRateIsKeptWithinRounds() {
        var plan = SourcePlan(total: nil, duration: .seconds(10), pace: Pace(recordsPerSecond: 50_000))
        var now = Duration.zero
        var made = 0
        loop: while true {
            switch plan.next(now: now) {
            case .make(let count):
                made += count
                now += .microseconds(10)
            case .wait(let time): now += time
            case .end: break loop
            }
        }
        #expect((499_000...501_000).contains(made), "\(made) records")
    }
}
