package import Files
import FoundationEssentials
import Glibc
import Synchronization
package import SystemPackage

/// The clock that the age of records is measured by: milliseconds that never go back, whatever becomes of the time of day.
///
///     <root>/log-clock.json      a state file: the clock and the system's clocks at the same moment
///
/// It begins with the time of day, when a root is opened for the first time, and goes on by the time since the machine
/// was started, sleep included. While nothing runs it goes on as well: on the same boot by the same clock; on another one
/// by the time of day, but by ``LogLimits/downtimeMillisecondsMax`` at most, as that clock may have been set wrong. Where
/// records stay longer for it nothing is lost.
///
/// A crash costs nothing: the file is written at the start, and what has passed since is known as long as the machine is
/// not started again.
package final class LogClock: Sendable {
    /// The clocks of the operating system.
    package struct Readings: Sendable {
        /// Differs with each boot.
        package var bootID: @Sendable () -> String
        /// Milliseconds since the boot, suspended time included.
        package var sinceBoot: @Sendable () -> Int64
        /// The time of day: milliseconds since 1970.
        package var timeOfDay: @Sendable () -> Int64

        package init(
            bootID: @escaping @Sendable () -> String,
            sinceBoot: @escaping @Sendable () -> Int64,
            timeOfDay: @escaping @Sendable () -> Int64
        ) {
            (self.bootID, self.sinceBoot, self.timeOfDay) = (bootID, sinceBoot, timeOfDay)
        }

        package static let system = Readings(
            bootID: { (try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)) ?? "" },
            sinceBoot: { milliseconds(CLOCK_BOOTTIME) },
            timeOfDay: { milliseconds(CLOCK_REALTIME) }
        )

        private static func milliseconds(_ clock: clockid_t) -> Int64 {
            var time = timespec()
            let result = clock_gettime(clock, &time)
            precondition(result == 0, "the system has no clock \(clock)")
            return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
        }
    }

    /// All clocks at one moment.
    package struct Moment: Codable, Hashable, Sendable {
        package var logTime: Int64
        package var bootID: String
        package var sinceBoot: Int64
        package var timeOfDay: Int64

        package init(logTime: Int64, bootID: String, sinceBoot: Int64, timeOfDay: Int64) {
            (self.logTime, self.bootID) = (logTime, bootID)
            (self.sinceBoot, self.timeOfDay) = (sinceBoot, timeOfDay)
        }
    }

    private let file: StateFile
    private let readings: Readings
    /// The log's time less the time since boot.
    private let difference: Int64
    private let savedAt = Mutex<Int64>(0)

    private init(file: StateFile, readings: Readings, difference: Int64) {
        self.file = file
        self.readings = readings
        self.difference = difference
    }

    /// The clock of a root, running on from where it was. Requires the lock of the root.
    package static func open(
        root: FilePath,
        readings: Readings = .system,
        disk: Disk = Disk()
    ) throws(LogError) -> LogClock {
        let file = StateFile(
            root.appending("log-clock.json"),
            kind: "log-clock",
            version: 2,
            cure: "Delete it: the age of records then counts from their files",
            disk: disk
        )
        let now = Moment(
            logTime: 0,
            bootID: readings.bootID(),
            sinceBoot: readings.sinceBoot(),
            timeOfDay: readings.timeOfDay()
        )
        let saved = try saved(in: file)
        let time = time(at: now, after: saved, newestAppend: saved == nil ? try newestAppend(in: root, disk) : nil)
        let clock = LogClock(file: file, readings: readings, difference: time - now.sinceBoot)
        try clock.save()
        return clock
    }

    /// The log's time at `now`.
    package static func time(at now: Moment, after saved: Moment?, newestAppend: Int64?) -> Int64 {
        guard let saved else {
            // Of earlier versions, or lost: what was appended last is at most as old as one downtime.
            return min(now.timeOfDay, newestAppend.map { $0 + LogLimits.downtimeMillisecondsMax } ?? .max)
        }
        if saved.bootID == now.bootID { return saved.logTime + max(0, now.sinceBoot - saved.sinceBoot) }
        let downtime = now.timeOfDay - saved.timeOfDay
        return saved.logTime + min(max(0, downtime), LogLimits.downtimeMillisecondsMax)
    }

    /// When the newest segment of a root was written, by its file; `nil` where there is none.
    private static func newestAppend(in root: FilePath, _ disk: Disk) throws(LogError) -> Int64? {
        do throws(FileError) {
            var newest: Int64?
            for name in try disk.names(in: root) where disk.isDirectory(root.appending(name)) {
                let directory = root.appending(name)
                for file in try disk.names(in: directory) where file.hasSuffix("." + LogSegment.logExtension) {
                    let time = try disk.open(directory.appending(file)).modificationMilliseconds()
                    newest = max(newest ?? time, time)
                }
            }
            return newest
        } catch {
            throw LogError(error)
        }
    }

    /// A damaged file counts as missing: records are then at most as old as they are.
    private static func saved(in file: StateFile) throws(LogError) -> Moment? {
        do throws(FileError) {
            guard case .payload(let payload, _) = try file.read() else { return nil }
            return JSONState.value(Moment.self, payload)
        } catch {
            if error.code == .damaged { return nil }
            throw LogError(error)
        }
    }

    /// Milliseconds that never go back.
    package func now() -> Int64 { difference + readings.sinceBoot() }

    /// The time of day: milliseconds since 1970, which may go back.
    package func timeOfDay() -> Int64 { readings.timeOfDay() }

    /// Saves the clock where it was not saved for ``LogLimits/clockSaveMilliseconds``.
    package func saveIfDue() throws(LogError) {
        let now = now()
        if savedAt.withLock({ now - $0 >= LogLimits.clockSaveMilliseconds }) { try save() }
    }

    /// Saves the clock, without waiting for the device: after a power cut an earlier moment is as good.
    package func save() throws(LogError) {
        let moment = Moment(
            logTime: now(),
            bootID: readings.bootID(),
            sinceBoot: readings.sinceBoot(),
            timeOfDay: readings.timeOfDay()
        )
        try LogError.mapping { () throws(FileError) in try file.write(JSONState.bytes(moment), durably: false) }
        savedAt.withLock { $0 = moment.logTime }
    }
}
