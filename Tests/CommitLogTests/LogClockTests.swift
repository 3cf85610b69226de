import CommitLog
import PipelineTesting
import Synchronization
import SystemPackage
import Testing

/// The clock of a log goes on whatever becomes of the machine's clocks.
@Suite struct LogClockTests {
    /// The clocks of a machine, as a test sets them.
    private final class Machine: Sendable {
        private let moment = Mutex(LogClock.Moment(logTime: 0, bootID: "a", sinceBoot: 5_000, timeOfDay: 1_000_000_000))

        var readings: LogClock.Readings {
            LogClock.Readings(
                bootID: { self.moment.withLock { $0.bootID } },
                sinceBoot: { self.moment.withLock { $0.sinceBoot } },
                timeOfDay: { self.moment.withLock { $0.timeOfDay } }
            )
        }

        func pass(_ milliseconds: Int64) {
            moment.withLock {
                $0.sinceBoot += milliseconds
                $0.timeOfDay += milliseconds
            }
        }

        func setTimeOfDay(_ milliseconds: Int64) { moment.withLock { $0.timeOfDay = milliseconds } }

        func boot() {
            moment.withLock {
                $0.bootID += "b"
                $0.sinceBoot = 100
            }
        }
    }

    private func withMachine(_ body: (Machine, () throws -> LogClock) throws -> Void) throws {
        try withTemporaryDirectory { path in
            let machine = Machine()
            try body(machine) { try LogClock.open(root: path, readings: machine.readings) }
        }
    }

    @Test func itBeginsWithTheTimeOfDayAndGoesOnWithTheTimeSinceBoot() throws {
        try withMachine { machine, open in
            let clock = try open()
            #expect(clock.now() == 1_000_000_000)
            machine.pass(70)
            #expect(clock.now() == 1_000_000_070)
        }
    }

    @Test(arguments: [0, 4_000_000_000_000] as [Int64])
    func aJumpOfTheTimeOfDayChangesNothing(timeOfDay: Int64) throws {
        try withMachine { machine, open in
            let clock = try open()
            machine.setTimeOfDay(timeOfDay)
            machine.pass(70)
            #expect(clock.now() == 1_000_000_070)
            // After a crash, on the same boot: nothing was saved since the start.
            #expect(try open().now() == 1_000_000_070)
        }
    }

    @Test func onAnotherBootTheTimeOfDayCountsWithinABound() throws {
        try withMachine { machine, open in
            let clock = try open()
            machine.pass(1_000)
            try clock.save()
            machine.boot()
            machine.pass(60_000)
            #expect(try open().now() == 1_000_061_000)
            machine.boot()
            machine.setTimeOfDay(9_000_000_000_000)
            #expect(try open().now() == 1_000_061_000 + LogLimits.downtimeMillisecondsMax)
            machine.boot()
            machine.setTimeOfDay(0)
            #expect(try open().now() == 1_000_061_000 + LogLimits.downtimeMillisecondsMax)
        }
    }

    @Test func itIsSavedOnceAMinute() throws {
        try withMachine { machine, open in
            let clock = try open()
            machine.pass(LogLimits.clockSaveMilliseconds)
            try clock.saveIfDue()
            machine.boot()
            machine.setTimeOfDay(0)
            #expect(try open().now() == 1_000_000_000 + LogLimits.clockSaveMilliseconds)
        }
    }

    /// Without its file, or with a damaged one, what was appended last is at most one downtime old.
    @Test(arguments: [true, false])
    func aLostClockMakesNothingOld(isDamaged: Bool) throws {
        try withTemporaryDirectory { path in
            let machine = Machine()
            let clock = try LogClock.open(root: path, readings: machine.readings)
            let log = try PartitionLog.opened(path.appending("t-0"), now: clock.now())
            try log.append(TestBatch(), now: clock.now())
            try log.close()
            let file = path.appending("log-clock.json")
            try file.replaceContents(isDamaged ? Array(try file.contents().dropLast(3)) : [])
            machine.boot()
            machine.setTimeOfDay(9_000_000_000_000)
            let again = try LogClock.open(root: path, readings: machine.readings)
            #expect(again.now() == 1_000_000_000 + LogLimits.downtimeMillisecondsMax)
        }
    }
}
