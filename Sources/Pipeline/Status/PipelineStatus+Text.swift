import ConnectRuntime
import PlainText
import Report

extension PipelineStatus {
    /// How a status that was read from its file is to be taken.
    package enum Freshness: String, Sendable, Codable {
        case current = "CURRENT"
        /// The pipeline stopped in order.
        case stopped = "STOPPED"
        /// The pipeline ended without saying so, or cannot write its status.
        case old = "OLD"
    }

    /// How this status is to be taken at a time.
    package func freshness(atMilliseconds now: Int64) -> Freshness {
        if isStopped { return .stopped }
        return now - updatedAtMilliseconds > StatusFile.Limits.oldAfterMilliseconds ? .old : .current
    }

    /// Each stage in a line, as `hera status` prints it.
    package func text(directory: String, atMilliseconds now: Int64) -> String {
        let age = Self.words(.milliseconds(max(0, now - updatedAtMilliseconds)))
        let ran = Self.words(.milliseconds(max(0, updatedAtMilliseconds - startedAtMilliseconds)))
        var lines: [String]
        switch freshness(atMilliseconds: now) {
        case .current: lines = ["the pipeline in \(directory) has been running for \(ran)"]
        case .stopped: lines = ["the pipeline in \(directory) stopped \(age) ago after \(ran); its stages at the end:"]
        case .old:
            lines = [
                "the status of the pipeline in \(directory) is old, from \(age) ago: the pipeline ended without "
                    + "stopping in order, or cannot write there; its stages then:"
            ]
        }
        lines += TextTable(nil, stages.map { [$0.name, words(of: $0)] }, rightAligned: .none).lines.map { "  " + $0 }
        lines += partitionLines
        if let storage { lines.append("files: \(storage)") }
        if freshness(atMilliseconds: now) == .current, let metrics {
            lines.append("metrics: http://\(metrics)/metrics")
        }
        // Reasons and names may be from outside.
        return lines.map(PrintableText.escaping).joined(separator: "\n")
    }

    private func words(of stage: Stage) -> String {
        var words = [stage.state.rawValue.lowercased()]
        if stage.name == StageBoard.Name.ingestor, let kafka { words[0] += " at \(kafka)" }
        if let records = stage.records { words.append("\(NumberText.whole(Int(records))) records") }
        if let lag = stage.lag { words.append("\(NumberText.whole(Int(lag))) in flight") }
        if stage.failures > 0 { words.append(Self.failures(stage.failures)) }
        let line = words.joined(separator: ", ")
        return stage.reason.map { "\(line): \($0)" } ?? line
    }

    /// What happened since the pipeline began, when it has stopped.
    package func summary(after duration: Duration) -> String {
        var lines = ["stopped after \(Self.words(duration))" + (sink.map { ": " + Self.words($0) } ?? "")]
        for (cause, records) in (sink?.deadLetters ?? [:]).sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
            lines.append("  set aside  \(NumberText.whole(Int(records))): \(cause)")
        }
        lines += partitionLines
        for stage in stages where stage.failures > 0 {
            let last = stage.lastFailure ?? "no reason is known"
            lines.append("  the \(stage.name) \(Self.failures(stage.failures)), last: \(last)")
        }
        // Reasons and names may be from outside.
        return lines.map(PrintableText.escaping).joined(separator: "\n")
    }

    /// A line for each partition of the sink that is not well.
    private var partitionLines: [String] {
        (sink?.partitions ?? []).compactMap { partition in
            guard let reason = partition.reason else { return nil }
            return "  \(partition.topic)-\(partition.partition) \(partition.state.rawValue): \(reason)"
        }
    }

    private static func failures(_ count: Int) -> String {
        "failed \(count == 1 ? "once" : "\(count) times")"
    }

    private static func words(_ sink: SinkTaskStatus) -> String {
        let partitions = sink.partitions
        let delivered = partitions.reduce(0) { $0 + $1.delivered }
        let filtered = partitions.reduce(0) { $0 + $1.filtered }
        let deadLettered = partitions.reduce(0) { $0 + $1.deadLettered }
        let lost = partitions.reduce(0) { $0 + $1.lost }
        // The lag is shown only where the end of every partition is known.
        let lags = partitions.compactMap(\.lag)
        var counts = [
            (delivered + filtered + deadLettered, "records read"), (delivered, "for files"), (filtered, "filtered"),
            (deadLettered, "set aside"),
        ]
        if lags.count == partitions.count { counts.append((lags.reduce(0, +), "in flight")) }
        if lost > 0 { counts.append((lost, "lost to retention")) }
        return counts.map { "\(NumberText.whole(Int($0.0))) \($0.1)" }.joined(separator: ", ")
    }

    private static func words(_ duration: Duration) -> String {
        let seconds = Int(duration.components.seconds)
        if seconds < 120 { return "\(seconds) s" }
        if seconds < 7200 { return "\(seconds / 60) min" }
        return "\(seconds / 3600) h \(seconds % 3600 / 60) min"
    }
}
