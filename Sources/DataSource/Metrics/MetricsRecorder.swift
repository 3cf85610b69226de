package import Files
import KafkaClient
import Synchronization

/// Takes the statistics of a run's producers, and makes rows of them: for a file, and for whoever asks.
package final class MetricsRecorder: Sendable {
    private struct State {
        var window = MetricsWindow()
        /// The last row, for who asks between two.
        var last: MetricsRow?
        /// Why the first row that could not be written was not.
        var failure: DataSourceError?
        /// The producers whose statistics of the end are awaited, and who awaits them.
        var awaited: Set<Int> = []
        var waiter: AsyncStream<Void>.Continuation?
    }

    private let interval: Duration
    private let file: MetricsFile?
    private let state = Mutex(State())

    /// - Parameters:
    ///   - path: the file that the rows are appended to; `nil`: none.
    ///   - interval: from one row to the next.
    /// - Throws: the interval is out of range, or the file cannot be written or is another one.
    package init(path: String?, interval: Duration, disk: Disk = Disk()) throws(DataSourceError) {
        guard Limits.metricsIntervals.contains(interval) else {
            throw .badConfiguration("the interval of its metrics is \(interval); it must be 100 ms to a day")
        }
        self.interval = interval
        file = try path.map { path throws(DataSourceError) in try MetricsFile(path: path, disk: disk) }
    }

    /// The figures of the last row, or before it those of the time since the beginning; `nil` before there are any.
    package var row: MetricsRow? { state.withLock { $0.last ?? $0.window.row } }

    /// Why a row could not be written; `nil` where all were.
    var failure: DataSourceError? { state.withLock { $0.failure } }

    /// What the producer with this number needs so that its statistics come here.
    func reporting(of producer: Int) -> StatisticsReporting {
        StatisticsReporting(every: min(interval, Limits.statisticsIntervalMax)) { statistics in
            self.take(statistics, of: producer)
        }
    }

    private func take(_ statistics: ProducerStatistics, of producer: Int) {
        let waiter = state.withLock { state -> AsyncStream<Void>.Continuation? in
            state.window.add(statistics, of: producer)
            state.awaited.remove(producer)
            return state.awaited.isEmpty ? state.waiter.take() : nil
        }
        waiter?.finish()
    }

    /// Runs `body`, writes a row after each interval, and one of the rest at its end.
    func record<Time: Clock>(
        producers: Int,
        clock: Time,
        _ body: () async -> Void
    ) async where Time.Duration == Duration {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [self] in
                // Throws where the task is cancelled: the run has ended.
                while (try? await clock.sleep(for: interval)) != nil { writeRow() }
            }
            await body()
            group.cancelAll()
        }
        await awaitStatistics(of: producers, clock)
        writeRow()
    }

    /// Waits until each producer has told its statistics once more, so that the last row has all that was sent.
    private func awaitStatistics<Time: Clock>(of producers: Int, _ clock: Time) async
    where Time.Duration == Duration {
        let (stream, waiter) = AsyncStream<Void>.makeStream()
        state.withLock { state in
            state.awaited = Set(0..<producers)
            state.waiter = waiter
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for await _ in stream {} }
            // A producer that has failed tells nothing more.
            group.addTask { try? await clock.sleep(for: Limits.lastStatisticsMax) }
            await group.next()
            group.cancelAll()
        }
    }

    private func writeRow() {
        guard let row = state.withLock({ $0.window.takeRow() }) else { return }
        state.withLock { $0.last = row }
        do {
            try file?.append(row)
        } catch {
            state.withLock { $0.failure = $0.failure ?? error }
        }
    }
}
