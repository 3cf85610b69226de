import ConnectAPI
import HDFSSink
import KafkaTopics
import Testing

/// The wall clock jumps either way: durations are as long as they are, and nothing waits for a clock that was set back.
@Suite struct ClockStepTests {
    private static let wall = SinkHarness.start.milliseconds
    private static let day: Int64 = 86_400_000

    /// So many milliseconds after the start, on a wall clock that was set by `step` meanwhile.
    private func moment(_ milliseconds: Int64, step: Int64 = 0) -> Moment {
        Moment(
            wall: Timestamp(milliseconds: Self.wall + milliseconds + step),
            monotonic: MonotonicTime(milliseconds: 5_000 + milliseconds)
        )
    }

    private func policy(_ change: (inout RotationSettings) -> Void, spanEnd: Int64 = .min) -> RotationPolicy {
        var settings = RotationSettings(flushSize: 1000)
        change(&settings)
        var policy = RotationPolicy(settings, retentionMilliseconds: nil)
        policy.took(
            rows: 1,
            bytes: 1,
            leastTimestamp: 0,
            greatestTimestamp: 0,
            spanEnd: spanEnd,
            now: moment(0)
        )
        return policy
    }

    @Test(arguments: [-365 * day, -day, -1000, 0, 1000, day, 365 * day])
    func intervalsAreAsLongAsTheyAre(step: Int64) {
        let visible = policy { $0.visibleWithinMilliseconds = 60_000 }
        #expect(visible.dueReason(now: moment(59_999, step: step)) == nil)
        #expect(visible.dueReason(now: moment(60_000, step: step)) == .visibleWithin)
        #expect(visible.deadline(now: moment(1, step: step)) == moment(60_000).monotonic)
        let interval = policy { settings in
            settings.intervalMilliseconds = 60_000
            settings.intervalClock = .wall
        }
        #expect(interval.dueReason(now: moment(59_999, step: step)) == nil)
        #expect(interval.dueReason(now: moment(60_000, step: step)) == .interval)
    }

    /// Ten seconds before the hour is over, by the wall clock of the start.
    @Test(arguments: [-365 * day, -day, -1])
    func aClockThatIsSetBackHoldsUpNothing(step: Int64) {
        let schedule = policy { $0.scheduleIntervalMilliseconds = 3_600_000 }
        let directory = policy({ _ in }, spanEnd: Self.wall + 10_000)
        for (policy, reason) in [(schedule, RotationReason.schedule), (directory, .directoryIsOver)] {
            #expect(policy.dueReason(now: moment(9_999, step: step)) == nil)
            #expect(policy.dueReason(now: moment(10_000, step: step)) == reason)
            #expect(policy.deadline(now: moment(1, step: step)) == moment(10_000).monotonic)
        }
    }

    @Test func aClockThatIsSetForwardIsFollowed() {
        let schedule = policy { $0.scheduleIntervalMilliseconds = 3_600_000 }
        let directory = policy({ _ in }, spanEnd: Self.wall + 10_000)
        for (policy, reason) in [(schedule, RotationReason.schedule), (directory, .directoryIsOver)] {
            #expect(policy.dueReason(now: moment(1, step: Self.day)) == reason)
            #expect(policy.deadline(now: moment(1, step: Self.day)) == moment(1).monotonic)
        }
    }
}
