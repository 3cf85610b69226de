import Synchronization

/// A clock that stands still until a task sleeps, which then wakes up at once, at the right time: what is paced by it runs
/// as fast as it can and always does the same.
final class SteppingClock: Clock, Sendable {
    struct Instant: InstantProtocol {
        let sinceStart: Duration

        func advanced(by duration: Duration) -> Instant { Instant(sinceStart: sinceStart + duration) }
        func duration(to other: Instant) -> Duration { other.sinceStart - sinceStart }
        static func < (left: Instant, right: Instant) -> Bool { left.sinceStart < right.sinceStart }
    }

    private let time = Mutex(Duration.zero)
    private let stall: Mutex<Duration>

    /// - Parameter stall: how much too late the first sleeper wakes up.
    init(stall: Duration = .zero) {
        self.stall = Mutex(stall)
    }

    var now: Instant { Instant(sinceStart: time.withLock { $0 }) }
    var minimumResolution: Duration { .nanoseconds(1) }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try Task.checkCancellation()
        let late = stall.withLock { stall in
            defer { stall = .zero }
            return stall
        }
        time.withLock { $0 = max($0, deadline.sinceStart + late) }
        await Task.yield()
    }
}
