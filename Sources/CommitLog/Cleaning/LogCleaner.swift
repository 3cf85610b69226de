package import Files
package import KafkaTopics
import Synchronization

/// Cleans the compacted logs of a root, one after the other: the one that needs it most comes first.
///
/// It works in short runs of a bounded number of bytes, so that whoever calls it decides how much of the device and of the
/// processor appends and readers are left with.
package final class LogCleaner: Sendable {
    /// What became of one log.
    package typealias Outcome = (partition: TopicPartition, result: Result<CleaningReport, LogError>)

    private struct State {
        var current: (partition: TopicPartition, cleaning: LogCleaning)?
        /// When it was last looked which log needs cleaning; `nil` where it is to be done at once.
        var lastCheck: Int64?
        /// Logs that are left alone up to a time.
        var retryAt: [TopicPartition: Int64] = [:]
        /// Bytes that earlier runs moved beyond what they might.
        var debt = 0
        var isStopped = false
    }

    private let manager: LogManager
    private let disk: Disk
    private let state = Mutex(State())
    /// When the next run has something to do, by the log's clock.
    private let nextRun = Atomic<Int64>(.min)

    package init(_ manager: LogManager, calls: DiskCalls = .system) {
        self.manager = manager
        disk = Disk(calls: calls)
    }

    /// Whether a run would find something to do, or look whether there is. Does not wait for one that is under way.
    package func isDue(now: Int64) -> Bool { now >= nextRun.load(ordering: .relaxed) }

    /// Cleans for about `bytesMax` bytes that are read, or until there is nothing to do.
    ///
    /// - Parameter now: the time by the log's clock; see ``LogClock``.
    /// - Returns: the logs that were finished or failed in this run. A log that fails is left alone for a while.
    package func run(now: Int64, bytesMax: Int) -> [Outcome] {
        state.withLock { state in
            var outcomes: [Outcome] = []
            var left = bytesMax - state.debt
            while left > 0, !state.isStopped {
                if state.current == nil {
                    guard let failed = begin(&state, now: now) else { break }
                    outcomes += failed
                }
                guard let partition = state.current?.partition else { continue }
                do throws(LogError) {
                    if let bytes = try state.current?.cleaning.step() {
                        left -= bytes
                        continue
                    }
                    let report = state.current?.cleaning.report ?? CleaningReport()
                    if report.cleanedOffset == nil {
                        state.retryAt[partition] = now + LogLimits.cleaningCheckMilliseconds
                    }
                    outcomes.append((partition, .success(report)))
                } catch {
                    state.current?.cleaning.abandon()
                    state.retryAt[partition] = now + LogLimits.cleaningRetryMilliseconds
                    // The log was deleted or closed meanwhile.
                    if error.code != .closed { outcomes.append((partition, .failure(error))) }
                }
                state.current = nil
                state.lastCheck = nil
            }
            state.debt = max(0, -left)
            let isBusy = state.current != nil || state.lastCheck == nil
            nextRun.store(isBusy ? .min : now + LogLimits.cleaningCheckMilliseconds, ordering: .relaxed)
            return outcomes
        }
    }

    /// Gives up what is under way; nothing is cleaned from now on.
    package func stop() {
        state.withLock { state in
            state.isStopped = true
            state.current?.cleaning.abandon()
            state.current = nil
        }
    }

    /// Chooses the next log.
    ///
    /// - Returns: the logs that could not be begun; `nil` where none needs cleaning.
    private func begin(_ state: inout State, now: Int64) -> [Outcome]? {
        if let last = state.lastCheck, now - last < LogLimits.cleaningCheckMilliseconds { return nil }
        state.lastCheck = now
        state.retryAt = state.retryAt.filter { $0.value > now }
        var chosen: (partition: TopicPartition, log: PartitionLog, need: CleaningNeed)?
        for (partition, log) in manager.logs where state.retryAt[partition] == nil {
            guard let need = log.cleaningNeed(now: now) else { continue }
            if let other = chosen?.need, !need.isMoreUrgent(than: other) { continue }
            chosen = (partition, log, need)
        }
        guard let chosen else { return nil }
        do throws(LogError) {
            guard let plan = try chosen.log.cleaningPlan(now: now) else { return nil }
            state.current = (chosen.partition, LogCleaning(plan, of: chosen.log, disk: disk))
            return []
        } catch {
            state.retryAt[chosen.partition] = now + LogLimits.cleaningRetryMilliseconds
            state.lastCheck = nil
            return error.code == .closed ? [] : [(chosen.partition, .failure(error))]
        }
    }
}
