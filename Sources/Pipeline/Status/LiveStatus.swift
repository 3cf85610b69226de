import ConnectRuntime
import Synchronization

/// The status of a pipeline while it runs, as one value.
final class LiveStatus: Sendable {
    let board = StageBoard()
    private let sink: SinkStage?
    private let facts: Mutex<PipelineStatus>
    private let stops = Atomic(false)

    /// - Parameter storage: where the files lie; `nil` if that is the pipeline's own directory.
    init(sink: SinkStage?, storage: String? = nil) {
        self.sink = sink
        let now = WallClock.milliseconds()
        facts = Mutex(PipelineStatus(startedAtMilliseconds: now, updatedAtMilliseconds: now, storage: storage))
    }

    /// The ingestor serves.
    func serve(_ addresses: PipelineAddresses) {
        board.began(StageBoard.Name.ingestor)
        facts.withLock { status in
            status.kafka = addresses.kafka
            status.metrics = addresses.metrics
        }
    }

    /// How everything is now.
    var status: PipelineStatus {
        var status = facts.withLock { $0 }
        status.updatedAtMilliseconds = WallClock.milliseconds()
        status.sink = sink?.status
        status.stages = board.stages(sink: status.sink)
        return status
    }

    /// A signal asked the pipeline to stop.
    func stopping() { stops.store(true, ordering: .relaxed) }

    var isStopping: Bool { stops.load(ordering: .relaxed) }

    /// How everything is in the end.
    func stopped() -> PipelineStatus {
        facts.withLock { $0.isStopped = true }
        return status
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
