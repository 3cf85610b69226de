import KafkaClient
import Logging
import PlainText

/// What `hera topics` shows.
struct TopicsConsole: Sendable {
    /// Warnings of libraries, on standard error.
    var logger: Logger {
        var logger = Logger(label: "topics")
        logger.logLevel = .warning
        return logger
    }

    let output = StandardOutput()

    func show(_ topics: [TopicSummary]) throws {
        guard !topics.isEmpty else { return try output.say("no topics") }
        try show(
            TextTable(
                ["topic", "partitions", "records"],
                topics.map { ["\($0.name)\($0.isInternal ? " (internal)" : "")", "\($0.partitions)", "\($0.records)"] }
            )
        )
    }

    func show(_ topic: TopicDetails) throws {
        try output.say("topic \(topic.name)\n")
        try show(
            TextTable(
                ["partition", "log start", "end", "records", "leader", "replicas", "in sync"],
                topic.partitions.map { each in
                    [
                        "\(each.partition)", number(each.logStartOffset), number(each.endOffset), number(each.records),
                        number(each.leader), list(each.replicas), list(each.inSyncReplicas),
                    ]
                }
            )
        )
        guard !topic.settings.isEmpty else { return }
        try output.say("")
        try show(topic.settings)
    }

    func show(_ settings: [TopicDetails.Configuration]) throws {
        guard !settings.isEmpty else { return try output.say("no settings") }
        try show(
            TextTable(
                ["setting", "value", "set by"],
                settings.map { [$0.name, $0.value ?? "(hidden)", $0.isDefault ? "default" : "topic"] },
                rightAligned: .none
            )
        )
    }

    func show(_ change: SettingsChange, isDone: Bool) throws {
        let names = Set(change.before.keys).union(change.after.keys).sorted().filter {
            change.before[$0] != change.after[$0]
        }
        guard !names.isEmpty else { return try output.say("\(change.topic) has these settings already") }
        try show(
            TextTable(
                ["setting", "before", isDone ? "now" : "then"],
                names.map { [$0, change.before[$0] ?? "default", change.after[$0] ?? "default"] },
                rightAligned: .none
            )
        )
        if !isDone { try output.say("\nnothing is changed: this was a dry run") }
    }

    func show(_ deletion: RecordDeletion, isDone: Bool) throws {
        try show(
            TextTable(
                ["partition", "log start", isDone ? "now" : "then", "end", "records"],
                deletion.partitions.map {
                    [
                        "\($0.partition)", "\($0.logStartOffset)", "\($0.newStartOffset)", "\($0.endOffset)",
                        "\($0.newStartOffset - $0.logStartOffset)",
                    ]
                }
            )
        )
        try output.say(
            isDone
                ? "\n\(deletion.count) records of \(deletion.topic) deleted"
                : "\nnothing is deleted: this was a dry run"
        )
    }

    private func show(_ table: TextTable) throws {
        try output.say(table.lines.joined(separator: "\n"))
    }

    private func number(_ value: (some BinaryInteger)?) -> String { value.map { "\($0)" } ?? "–" }
    private func list(_ values: [Int32]) -> String { values.map(String.init).joined(separator: ",") }
}
