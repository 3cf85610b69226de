import Testing

@testable import DataSource

@Suite struct PacerTests {
    @Test(arguments: [1, 7, 100, 12_345, 1_000_000])
    func aMinuteHasTheRatesRecords(_ rate: Int) {
        var pacer = Pacer(recordsPerSecond: rate)
        var now = Duration.zero
        var records = 0
        while now < .seconds(60) {
            switch pacer.grant(upTo: 5_000, now: now) {
            case .records(let count): records += count
            case .wait(let time):
                #expect(time > .zero, "a wait that does not end")
                now += time
            }
        }
        // One step is granted at the beginning, and the last wait may end just behind the minute.
        let step = max(1, rate / 100)
        #expect((60 * rate - step...60 * rate + 2 * step).contains(records), "\(records) records")
    }

    @Test func aWaitIsNeverTooShort() {
        var pacer = Pacer(recordsPerSecond: 3)
        var now = Duration.zero
        _ = pacer.grant(upTo: 1, now: now)
        for _ in 0..<100 {
            guard case .wait(let time) = pacer.grant(upTo: 1, now: now) else {
                Issue.record("two records at once")
                return
            }
            now += time
            #expect(pacer.grant(upTo: 1, now: now) == .records(1))
        }
    }

    @Test func afterADelayOnlyAShortBurstIsCaughtUpWith() {
        var pacer = Pacer(recordsPerSecond: 1_000)
        _ = pacer.grant(upTo: 1_000, now: .zero)
        var burst = 0
        while case .records(let count) = pacer.grant(upTo: 1_000, now: .seconds(3_600)) { burst += count }
        #expect(burst == 1_000 * Limits.paceBurstMilliseconds / 1_000)
    }

    @Test func theGreatestRateAndTheLongestPauseDoNotOverflow() {
        var pacer = Pacer(recordsPerSecond: Limits.rateMax)
        #expect(pacer.grant(upTo: .max / 1_000_000_000, now: .zero) != .records(0))
        #expect(pacer.grant(upTo: 10, now: .seconds(1_000_000_000)) == .records(10))
    }

    @Test func noMoreIsGrantedThanAskedFor() {
        var pacer = Pacer(recordsPerSecond: 1_000_000)
        #expect(pacer.grant(upTo: 3, now: .zero) == .records(3))
    }
}
