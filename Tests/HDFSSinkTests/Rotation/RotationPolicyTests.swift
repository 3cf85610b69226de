import ConnectAPI
import HDFSSink
import KafkaTopics
import Testing

@Suite struct RotationPolicyTests {
    private let start = Timestamp(milliseconds: 1_000_000_000)

    /// A policy with only those triggers that `change` sets.
    private func policy(
        retention: Int64? = nil,
        _ change: (inout RotationSettings) -> Void = { _ in }
    ) -> RotationPolicy {
        var settings = RotationSettings(flushSize: 1000)
        change(&settings)
        return RotationPolicy(settings, retentionMilliseconds: retention)
    }

    /// Takes records, at `start` unless told otherwise, in a directory that is over already: its end asks for nothing.
    private func take(
        _ policy: inout RotationPolicy,
        rows: Int64 = 1,
        bytes: Int64 = 100,
        timestamp: Int64 = 0,
        spanEnd: Int64 = 0,
        after milliseconds: Int64 = 0
    ) {
        policy.took(
            rows: rows,
            bytes: bytes,
            leastTimestamp: timestamp,
            greatestTimestamp: timestamp,
            spanEnd: spanEnd,
            now: Moment(at: later(milliseconds))
        )
    }

    private func later(_ milliseconds: Int64) -> Timestamp { start.advanced(byMilliseconds: milliseconds) }

    @Test func nothingTakenIsNeverDue() {
        let policy = policy(retention: 4) { $0.visibleWithinMilliseconds = 1 }
        #expect(policy.dueReason(now: later(1_000_000)) == nil)
        #expect(policy.deadline(now: start) == nil)
    }

    @Test func enoughRecordsAreDue() {
        var policy = policy()
        take(&policy, rows: 999)
        #expect(policy.dueReason(now: later(1 << 40)) == nil)
        #expect(policy.deadline(now: start) == nil)
        take(&policy, rows: 1)
        #expect(policy.dueReason(now: start) == .flushSize)
        #expect(policy.deadline(now: start) == start)
    }

    @Test func enoughBytesAreDue() {
        var policy = policy { $0.sizeBytes = 250 }
        take(&policy, bytes: 249)
        #expect(policy.dueReason(now: start) == nil)
        take(&policy, bytes: 1)
        #expect(policy.dueReason(now: start) == .sizeBytes)
    }

    @Test func intervalGoesByTheRecordsTime() {
        var policy = policy { $0.intervalMilliseconds = 60_000 }
        take(&policy, timestamp: 5000)
        take(&policy, timestamp: 64_999)
        #expect(policy.dueReason(now: later(1 << 40)) == nil, "no record came that is so much younger")
        take(&policy, timestamp: 65_000)
        #expect(policy.dueReason(now: start) == .interval)
    }

    @Test func intervalGoesByTheWallClockWhereRecordsDo() {
        var policy = policy {
            $0.intervalMilliseconds = 60_000
            $0.intervalClock = .wall
        }
        take(&policy, timestamp: 0)
        take(&policy, timestamp: 1 << 40)
        #expect(policy.dueReason(now: later(59_999)) == nil)
        #expect(policy.deadline(now: start) == later(60_000))
        #expect(policy.dueReason(now: later(60_000)) == .interval)
    }

    @Test func scheduleIsOnTheZonesWallClock() throws {
        let india = try ZoneClock(timeZone: "Asia/Kolkata")
        var policy = policy {
            $0.scheduleIntervalMilliseconds = 3_600_000
            $0.scheduleClock = india
        }
        take(&policy)
        // Five hours and a half ahead of UTC.
        let local = start.milliseconds + 19_800_000
        let boundary = Timestamp(milliseconds: start.milliseconds + 3_600_000 - local % 3_600_000)
        #expect(policy.deadline(now: start) == boundary)
        #expect(policy.dueReason(now: boundary) == .schedule)
        #expect(policy.dueReason(now: boundary.advanced(byMilliseconds: -1)) == nil)
    }

    @Test func longestScheduleIsNeverDue() {
        var policy = policy { $0.scheduleIntervalMilliseconds = .max }
        take(&policy)
        #expect(policy.dueReason(now: later(1 << 40)) == nil)
        #expect(policy.deadline(now: start).map { $0 > later(1 << 60) } == true)
    }

    @Test func whatHasNoRecordsHasNoRecordsTime() {
        var policy = policy {
            $0.intervalMilliseconds = 60_000
            $0.visibleWithinMilliseconds = 1000
        }
        policy.passed(now: start)
        #expect(policy.deadline(now: start) == later(1000))
        // A month before the wall clock.
        take(&policy, timestamp: start.milliseconds - 2_592_000_000)
        #expect(policy.dueReason(now: start) == nil)
        take(&policy, timestamp: start.milliseconds - 2_592_000_000 + 60_000)
        #expect(policy.dueReason(now: start) == .interval)
    }

    @Test func offsetsWithoutRecordsAreDueByTheWallClock() {
        var policy = policy { $0.intervalMilliseconds = 60_000 }
        policy.passed(now: start)
        #expect(policy.deadline(now: start) == later(60_000))
        #expect(policy.dueReason(now: later(60_000)) == .interval)
        take(&policy, after: 1)
        #expect(policy.deadline(now: later(1)) == nil, "records have a time of their own")
    }

    @Test func directoryThatEndsIsDueAtItsEnd() {
        var policy = policy()
        take(&policy, spanEnd: later(500).milliseconds)
        take(&policy, spanEnd: later(900).milliseconds)
        #expect(policy.deadline(now: start) == later(500))
        #expect(policy.dueReason(now: later(499)) == nil)
        #expect(policy.dueReason(now: later(500)) == .directoryIsOver)
    }

    @Test func lateRecordsSetNoDeadline() {
        var policy = policy()
        take(&policy, spanEnd: start.milliseconds)
        #expect(policy.deadline(now: start) == nil)
        #expect(policy.dueReason(now: later(1 << 40)) == nil)
    }

    @Test func oldestRecordDecidesWhatIsVisibleWithin() {
        var policy = policy { $0.visibleWithinMilliseconds = 1000 }
        take(&policy)
        take(&policy, after: 900)
        #expect(policy.deadline(now: later(900)) == later(1000))
        #expect(policy.dueReason(now: later(1000)) == .visibleWithin)
        policy.committed()
        #expect(policy.dueReason(now: later(2000)) == nil)
        take(&policy, after: 2000)
        #expect(policy.deadline(now: later(2000)) == later(3000))
    }

    @Test func quarterOfTheRetentionIsDue() {
        var policy = policy(retention: 4000)
        take(&policy)
        #expect(policy.deadline(now: start) == later(1000))
        #expect(policy.dueReason(now: later(1000)) == .retention)
    }

    @Test func earliestReasonIsNamed() {
        var policy = policy(retention: 4000) { $0.visibleWithinMilliseconds = 500 }
        take(&policy)
        #expect(policy.dueReason(now: later(10_000)) == .visibleWithin)
    }
}
