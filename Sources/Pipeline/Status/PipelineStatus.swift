package import ConnectRuntime
import Synchronization

/// How the stages of a pipeline are, or were when it stopped: what `hera status` prints and `/health` answers from.
package struct PipelineStatus: Hashable, Sendable, Codable {
    package struct Stage: Hashable, Sendable, Codable {
        package enum State: String, Hashable, Sendable, Codable {
            case running = "RUNNING"
            /// It works on, but not as it should; `reason` says why.
            case degraded = "DEGRADED"
            /// Records wait, and none has been processed for a while.
            case stalled = "STALLED"
            /// It failed and is started again after a pause.
            case retrying = "RETRYING"
            /// It does nothing until an operator repairs something; `reason` says what.
            case failed = "FAILED"
            /// It ended in order.
            case ended = "ENDED"

            /// Whether an operator has to know.
            package var isFailure: Bool { self == .failed || self == .retrying }
        }

        package var name: String
        package var state: State
        /// Why it is not well; `nil` while it is.
        package var reason: String?
        /// Records processed since the stage last began; `nil` for a stage that does not count them.
        package var records: Int64?
        /// Records that wait for this stage; `nil` while that is not known.
        package var lag: Int64?
        /// How many times it has failed since the pipeline began.
        package var failures = 0
        package var lastFailure: String?
    }

    /// Whether the pipeline stopped in order: then this is the last that it wrote.
    package var isStopped = false
    /// When the pipeline began, and when this was true, in milliseconds since 1970.
    package var startedAtMilliseconds: Int64
    package var updatedAtMilliseconds: Int64
    /// `HOST:PORT` of the ingestor.
    package var kafka: String?
    /// `HOST:PORT` of `/metrics` and `/health`; `nil` where they are not served.
    package var metrics: String?
    /// In the order in which they began.
    package var stages: [Stage] = []
    /// The sink's task with its partitions, as it was last seen; `nil` where none ever began.
    package var sink: SinkTaskStatus?

    /// Whether a stage, or a partition of the sink, has failed.
    package var hasFailure: Bool {
        stages.contains { $0.state.isFailure } || sink?.partitions.contains { $0.state == .failed } ?? false
    }
}

/// Where stages say how they are. Others read it as one ``PipelineStatus``.
final class StageBoard: Sendable {
    /// Bounds of health.
    enum Limits {
        /// A stage with records in flight that processes none for this long counts as stalled.
        static let stallAfter = Duration.seconds(30)
    }

    /// The names of the stages.
    enum Name {
        static let ingestor = "ingestor"
        static let sink = "sink"
        static let topics = "topics"
        static let source = "source"
    }

    private struct Entry {
        var stage: PipelineStatus.Stage
        /// When `records` last grew, or nothing was in flight.
        var progressedAt: ContinuousClock.Instant
    }

    private let entries = Mutex<[Entry]>([])

    func began(_ name: String, at now: ContinuousClock.Instant = .now) {
        change(name, at: now) { entry in
            entry.stage.state = .running
            entry.stage.records = nil
            entry.stage.lag = nil
            entry.progressedAt = now
        }
    }

    /// Tells how far a stage is: the records it has processed since it began, and those in flight.
    func progressed(_ name: String, records: Int64, inFlight: Int64, at now: ContinuousClock.Instant = .now) {
        change(name, at: now) { entry in
            if inFlight == 0 || entry.stage.records != records { entry.progressedAt = now }
            entry.stage.records = records
            entry.stage.lag = inFlight
        }
    }

    func failed(_ name: String, _ reason: String, isFinal: Bool = false) {
        change(name, at: .now) { entry in
            entry.stage.state = isFinal ? .failed : .retrying
            entry.stage.failures += 1
            entry.stage.lastFailure = reason
        }
    }

    func ended(_ name: String) {
        change(name, at: .now) { $0.stage.state = .ended }
    }

    /// The stages now, with what the sink's task says of itself.
    func stages(sink: SinkTaskStatus?, at now: ContinuousClock.Instant = .now) -> [PipelineStatus.Stage] {
        entries.withLock { $0 }.map { entry in
            var stage = entry.stage
            if stage.name == Name.sink, let sink { stage.take(sink) }
            if stage.state == .retrying || stage.state == .failed { stage.reason = stage.reason ?? stage.lastFailure }
            if stage.state == .running, entry.progressedAt.duration(to: now) >= Limits.stallAfter, stage.lag ?? 0 > 0,
                stage.name != Name.sink
            {
                stage.state = .stalled
                stage.reason = "records wait, and none was processed for \(Limits.stallAfter.components.seconds) s"
            }
            return stage
        }
    }

    private func change(_ name: String, at now: ContinuousClock.Instant, _ change: (inout Entry) -> Void) {
        entries.withLock { entries in
            if let index = entries.firstIndex(where: { $0.stage.name == name }) {
                change(&entries[index])
            } else {
                entries.append(Entry(stage: .init(name: name, state: .running), progressedAt: now))
                change(&entries[entries.count - 1])
            }
        }
    }
}

extension PipelineStatus.Stage {
    /// Takes over what the sink's task says of its progress, as far as the stage runs at all.
    fileprivate mutating func take(_ sink: SinkTaskStatus) {
        records = sink.partitions.reduce(0) { $0 + $1.delivered + $1.filtered + $1.deadLettered }
        let lags = sink.partitions.compactMap(\.lag)
        lag = lags.count == sink.partitions.count ? lags.reduce(0, +) : nil
        guard state == .running else { return }
        reason = sink.reason
        switch sink.state {
        case .unassigned, .running, .stopped: break
        case .degraded: state = .degraded
        case .failed: state = .failed
        }
        // The task itself goes on where only some of its partitions do not.
        if let partition = sink.partitions.first(where: { $0.state == .failed }), state == .running {
            state = .degraded
            reason = reason ?? "\(partition.topic)-\(partition.partition) failed: \(partition.reason ?? "unknown")"
        }
        if let partition = sink.partitions.first(where: { $0.state == .stalled }), state == .running {
            state = .stalled
            reason = reason ?? "\(partition.topic)-\(partition.partition) stalled: \(partition.reason ?? "unknown")"
        }
    }
}
