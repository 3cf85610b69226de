import KafkaClient
import Logging
import PlainText

/// What `hera groups` shows.
struct GroupsConsole: Sendable {
    /// Warnings of libraries, on standard error.
    var logger: Logger {
        var logger = Logger(label: "groups")
        logger.logLevel = .warning
        return logger
    }

    let output = StandardOutput()

    func show(_ groups: [ConsumerGroupSummary]) throws {
        guard !groups.isEmpty else { return try output.say("no groups") }
        try show(TextTable(["group", "state"], groups.map { [$0.name, $0.state] }, rightAligned: .none))
    }

    func show(_ group: ConsumerGroupDescription, _ lag: GroupLag) throws {
        try output.say("group \(PrintableText.escaping(group.name))")
        let assignor = group.assignor.isEmpty ? "" : ", \(PrintableText.escaping(group.assignor))"
        let coordinator = group.coordinator.map { ", coordinated by \($0)" } ?? ""
        try output.say("\(group.state)\(assignor)\(coordinator), lag \(lag.total)\n")
        if group.hidesMembers {
            try output.say("its members cannot be shown, as they have group.protocol=consumer (KIP-848)\n")
        } else if group.members.isEmpty {
            try output.say("no members\n")
        } else {
            try show(
                TextTable(
                    ["member", "instance", "client", "host", "reads"],
                    group.members.map {
                        [$0.id, $0.instanceID ?? "–", $0.client, $0.host, Self.list($0.partitions)]
                    },
                    rightAligned: .none
                )
            )
            try output.say("")
        }
        try showPartitions(of: [lag])
    }

    func showPartitions(of lags: [GroupLag]) throws {
        let rows = lags.flatMap { lag in
            lag.partitions.map {
                [
                    lag.group, $0.topic, "\($0.partition)", Self.number($0.committedOffset), Self.number($0.endOffset),
                    Self.number($0.lag), $0.client ?? "–",
                ]
            }
        }
        guard !rows.isEmpty else { return try output.say("no offsets") }
        let header = ["group", "topic", "partition", "committed", "end", "lag", "client"]
        try show(TextTable(header, rows, rightAligned: .columns(2..<6)))
    }

    func showTopics(of lags: [GroupLag]) throws {
        let rows = lags.flatMap { lag in
            Dictionary(grouping: lag.partitions, by: \.topic).sorted { $0.key < $1.key }.map { topic, partitions in
                let known = partitions.compactMap(\.lag)
                return [
                    lag.group, lag.state, topic, "\(partitions.count)",
                    known.isEmpty ? "–" : "\(known.reduce(0) { $0 + max(0, $1) })",
                ]
            }
        }
        guard !rows.isEmpty else { return try output.say("no offsets") }
        try show(
            TextTable(["group", "state", "topic", "partitions", "lag"], rows, rightAligned: .columns(3..<5))
        )
    }

    func show(_ reset: GroupReset, isDone: Bool) throws {
        try show(
            TextTable(
                ["topic", "partition", "now", "new", ""],
                reset.partitions.map {
                    [
                        $0.topic, "\($0.partition)", Self.number($0.currentOffset), "\($0.newOffset)",
                        $0.isMoved ? "the nearest that the log has" : "",
                    ]
                },
                rightAligned: .columns(1..<4)
            )
        )
        let name = PrintableText.escaping(reset.group)
        try output.say(
            isDone ? "\n\(name) reads on there" : "\nnothing is changed; add --execute to have \(name) read on there"
        )
    }

    private func show(_ table: TextTable) throws {
        try output.say(table.lines.joined(separator: "\n"))
    }

    private static func number(_ value: Int64?) -> String { value.map { "\($0)" } ?? "–" }

    /// `topic:0,1,2` for each topic.
    private static func list(_ places: [ConsumerGroupDescription.Place]) -> String {
        let topics = Dictionary(grouping: places, by: \.topic).sorted { $0.key < $1.key }
        let texts = topics.map { topic, places in
            "\(topic):\(places.map { "\($0.partition)" }.joined(separator: ","))"
        }
        return texts.isEmpty ? "–" : texts.joined(separator: " ")
    }
}

/// A group with all that is known of it, as JSON.
struct GroupDetails: Encodable {
    let name: String
    let state: String
    let assignor: String
    let coordinator: String?
    let members: [ConsumerGroupDescription.Member]
    let partitions: [PartitionLag]

    init(_ group: ConsumerGroupDescription, _ lag: GroupLag) {
        name = group.name
        state = group.state
        assignor = group.assignor
        coordinator = group.coordinator
        members = group.members
        partitions = lag.partitions
    }
}

/// A reset as JSON.
struct ResetOutcome: Encodable {
    let group: String
    let isDone: Bool
    let partitions: [GroupReset.Partition]

    init(_ reset: GroupReset, isDone: Bool) {
        group = reset.group
        self.isDone = isDone
        partitions = reset.partitions
    }
}
