import ConnectRuntime
import PlainText
import Report

extension PipelineSummary {
    /// What happened since the pipeline began, for a person, when it has stopped.
    package func text(after duration: Duration) -> String {
        var lines = ["stopped after \(Self.words(duration))" + (sink.map { ": " + Self.words($0) } ?? "")]
        for (cause, records) in (sink?.deadLetters ?? [:]).sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
            lines.append("  set aside  \(NumberText.whole(Int(records))): \(PrintableText.escaping(cause))")
        }
        for partition in sink?.partitions ?? [] {
            guard let reason = partition.reason else { continue }
            lines.append("  \(partition.topic)-\(partition.partition) \(partition.state.rawValue): \(reason)")
        }
        for stage in stages where stage.failures > 0 {
            let times = stage.failures == 1 ? "once" : "\(stage.failures) times"
            lines.append("  the \(stage.name) failed \(times), last: \(stage.lastFailure ?? "no reason is known")")
        }
        return lines.joined(separator: "\n")
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
