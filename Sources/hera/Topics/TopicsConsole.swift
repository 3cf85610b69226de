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
                topics.map { [$0.name, "\($0.partitions)", "\($0.records)"] }
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
        try show(
            TextTable(
                ["setting", "value", "set by"],
                topic.settings.map { [$0.name, $0.value ?? "(hidden)", $0.isDefault ? "default" : "topic"] },
                rightAligned: .none
            )
        )
    }

    private func show(_ table: TextTable) throws {
        try output.say(table.lines.joined(separator: "\n"))
    }

    private func number(_ value: (some BinaryInteger)?) -> String { value.map { "\($0)" } ?? "–" }
    private func list(_ values: [Int32]) -> String { values.map(String.init).joined(separator: ",") }
}
