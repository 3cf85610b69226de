package import KafkaProtocol

/// A setting of a topic: Kafka's names, and how its text is read and written.
///
/// All settings of Kafka are here, so that tools find what they expect. Most of those that the log does not use are about
/// replicas or tiered storage: any valid value of them is kept and shown, as it changes nothing on one node.
/// A value that would promise what is not done is refused.
package struct TopicSetting: Sendable {
    package let name: String
    /// What Kafka calls the default for all topics, a setting of the node; `nil` where there is none.
    package let nodeName: String?
    package let type: ConfigurationType
    package let documentation: String
    private let text: @Sendable (LogConfiguration) -> String
    /// Returns why the text is not a valid value; `nil` where it is.
    private let set: @Sendable (inout LogConfiguration, String) -> String?

    /// The value in a configuration.
    package func value(in configuration: LogConfiguration) -> String { text(configuration) }

    fileprivate func apply(_ value: String, to configuration: inout LogConfiguration) throws(LogError) {
        guard let problem = set(&configuration, normalized(value)) else { return }
        throw .invalidConfiguration("'\(value)' is not a valid value of \(name): \(problem)")
    }

    /// A value as Kafka reads it: without the space around it and around the elements of a list, and with `True` as `true`.
    private func normalized(_ value: String) -> String {
        switch type {
        case .boolean: Self.trimmed(value).lowercased()
        case .list:
            value.split(separator: ",", omittingEmptySubsequences: false).map(Self.trimmed).joined(separator: ",")
        default: Self.trimmed(value)
        }
    }

    private static func trimmed(_ text: some StringProtocol) -> String {
        String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }

    /// The setting of this name; `nil` where a topic has none.
    package static func named(_ name: String) -> TopicSetting? { byName[name] }

    private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })
}

/// One setting as clients see it in DescribeConfigs.
package struct LogConfigurationEntry: Hashable, Sendable {
    /// A place that has a value for the setting.
    package struct Source: Hashable, Sendable {
        /// The place.
        package let place: ConfigurationSource
        /// What the setting is called there.
        package let name: String
        /// The value there.
        package let value: String

        package init(_ place: ConfigurationSource, name: String, value: String) {
            self.place = place
            self.name = name
            self.value = value
        }
    }

    /// Kafka's name.
    package let name: String
    /// Where the value comes from and could come from, the strongest first; never empty.
    package let sources: [Source]
    /// The type of the value.
    package let type: ConfigurationType
    /// Whether it describes the topic and cannot be set.
    package let isReadOnly: Bool
    /// What it means, in words.
    package let documentation: String

    package init(
        name: String,
        sources: [Source],
        type: ConfigurationType,
        isReadOnly: Bool = false,
        documentation: String
    ) {
        precondition(!sources.isEmpty, "\(name) has no value")
        self.name = name
        self.sources = sources
        self.type = type
        self.isReadOnly = isReadOnly
        self.documentation = documentation
    }

    /// The value, as text.
    package var value: String { sources[0].value }
    /// Where the value comes from.
    package var source: ConfigurationSource { sources[0].place }
    /// Whether the value was not chosen for this topic.
    package var isDefault: Bool { source != .topic }
}

extension LogConfiguration {
    /// Every setting of a topic with its value.
    ///
    /// - Parameters:
    ///   - overrides: Those that were chosen for the topic, by name; they are in this configuration.
    ///   - defaults: The node's configuration of topics.
    package func entries(overrides: [String: String], defaults: LogConfiguration) -> [LogConfigurationEntry] {
        TopicSetting.all.map { setting in
            var sources = setting.nodeSources(defaults)
            if overrides[setting.name] != nil {
                sources.insert(.init(.topic, name: setting.name, value: setting.value(in: self)), at: 0)
            }
            return LogConfigurationEntry(
                name: setting.name,
                sources: sources,
                type: setting.type,
                documentation: setting.documentation
            )
        }
    }

    /// The defaults of topics, by the names that Kafka has for them on a node; this is the node's configuration of topics.
    package var nodeEntries: [LogConfigurationEntry] {
        TopicSetting.all.compactMap { setting in
            guard let name = setting.nodeName else { return nil }
            return LogConfigurationEntry(
                name: name,
                sources: setting.nodeSources(self),
                type: setting.type,
                isReadOnly: true,
                documentation: setting.documentation
            )
        }
    }

    /// This configuration with a topic's overrides, by Kafka's names.
    ///
    /// - Throws: ``LogError/Code/invalidConfiguration`` for an unknown name, an invalid value, and values that contradict
    ///   each other.
    package func applying(_ overrides: [String: String]) throws(LogError) -> LogConfiguration {
        var changed = self
        for (name, value) in overrides.sorted(by: { $0.key < $1.key }) {
            guard let setting = TopicSetting.named(name) else {
                throw .invalidConfiguration("a topic has no setting '\(name)'")
            }
            try setting.apply(value, to: &changed)
        }
        guard changed.compactionLagMinMilliseconds <= changed.compactionLagMaxMilliseconds else {
            throw .invalidConfiguration(
                "min.compaction.lag.ms (\(changed.compactionLagMinMilliseconds)) is greater than max.compaction.lag.ms "
                    + "(\(changed.compactionLagMaxMilliseconds))"
            )
        }
        return changed
    }
}

extension TopicSetting {
    /// The node's values, and that of a node which sets nothing.
    fileprivate func nodeSources(_ node: LogConfiguration) -> [LogConfigurationEntry.Source] {
        let (value, standard) = (value(in: node), value(in: Self.standard))
        let name = nodeName ?? name
        let last = LogConfigurationEntry.Source(.defaultValue, name: name, value: standard)
        return value == standard ? [last] : [.init(.staticBroker, name: name, value: value), last]
    }

    /// The configuration of a node that sets nothing.
    private static let standard = LogConfiguration()

    /// All settings, by name.
    package static let all: [TopicSetting] = [
        cleanupPolicy,
        number(
            "compression.gzip.level",
            \.gzipLevel,
            [-1...(-1), 1...9],
            node: "compression.gzip.level",
            "The level where compression.type is gzip; -1 for the usual one."
        ),
        number(
            "compression.lz4.level",
            \.lz4Level,
            [1...17],
            node: "compression.lz4.level",
            "The level where compression.type is lz4; 9 for the fast compression."
        ),
        choice(
            "compression.type",
            \.compression,
            Dictionary(uniqueKeysWithValues: TopicCompression.allCases.map { ($0.rawValue, $0) }),
            node: "compression.type",
            "How batches are compressed: by a codec, not at all, or as their producer compressed them."
        ),
        number(
            "compression.zstd.level",
            \.zstdLevel,
            [-131_072...22],
            node: "compression.zstd.level",
            "The level where compression.type is zstd."
        ),
        number(
            "delete.retention.ms",
            \.deleteRetentionMilliseconds,
            [0...Int64.max],
            .long,
            node: "log.cleaner.delete.retention.ms",
            "How long a compacted topic keeps tombstones after they were first cleaned."
        ),
        inertNumber(
            "file.delete.delay.ms",
            60_000,
            node: "log.segment.delete.delay.ms",
            "Files go at once; who reads them reads on."
        ),
        number(
            "flush.messages",
            \.flushMessages,
            [1...Int64.max],
            .long,
            node: "log.flush.interval.messages",
            "So many records are forced to the device before the last of them is acknowledged; 1 for every batch."
        ),
        number(
            "flush.ms",
            \.flushMilliseconds,
            [0...Int64.max],
            .long,
            node: "log.flush.interval.ms",
            "Milliseconds after which the next maintenance forces records to the device."
        ),
        inert("follower.replication.throttled.replicas", "", .list, node: nil, Unused.replicas, throttledReplicas),
        number(
            "index.interval.bytes",
            \.indexIntervalBytes,
            [1...Int(Int32.max)],
            node: "log.index.interval.bytes",
            "Bytes between entries of an index."
        ),
        inert("leader.replication.throttled.replicas", "", .list, node: nil, Unused.replicas, throttledReplicas),
        inertNumber("local.retention.bytes", -2, in: [-2...Int64.max], node: "log.local.retention.bytes", Unused.tiers),
        inertNumber("local.retention.ms", -2, in: [-2...Int64.max], node: "log.local.retention.ms", Unused.tiers),
        number(
            "max.compaction.lag.ms",
            \.compactionLagMaxMilliseconds,
            [1...Int64.max],
            .long,
            node: "log.cleaner.max.compaction.lag.ms",
            "Records that wait longer to be compacted are, whatever their share; counted from appending."
        ),
        number(
            "max.message.bytes",
            \.messageBytesMax,
            [0...LogLimits.messageBytesMax],
            node: "message.max.bytes",
            "The largest batch taken."
        ),
        inertBoolean("message.downconversion.enable", true, node: "log.message.downconversion.enable", Unused.formats),
        inert("message.format.version", "3.0-IV1", .string, node: "log.message.format.version", Unused.formats) {
            $0.first?.isNumber == true ? nil : "it must be a version of Kafka"
        },
        number(
            "message.timestamp.after.max.ms",
            \.timestampAfterMilliseconds,
            [0...Int64.max],
            .long,
            node: "log.message.timestamp.after.max.ms",
            "How far in the future a record's timestamp may be."
        ),
        number(
            "message.timestamp.before.max.ms",
            \.timestampBeforeMilliseconds,
            [0...Int64.max],
            .long,
            node: "log.message.timestamp.before.max.ms",
            "How far in the past a record's timestamp may be."
        ),
        fixed(
            "message.timestamp.difference.max.ms",
            String(Int64.max),
            .long,
            node: "log.message.timestamp.difference.max.ms",
            "Kafka 4 does not have it any more; use message.timestamp.before.max.ms and message.timestamp.after.max.ms."
        ),
        choice(
            "message.timestamp.type",
            \.timestampType,
            ["CreateTime": .createTime, "LogAppendTime": .logAppendTime],
            node: "log.message.timestamp.type",
            "Whether records keep the timestamp of their producer, or get the time when they were appended."
        ),
        cleanableRatioMin,
        number(
            "min.compaction.lag.ms",
            \.compactionLagMinMilliseconds,
            [0...Int64.max],
            .long,
            node: "log.cleaner.min.compaction.lag.ms",
            "Records are not compacted for so long after they were appended."
        ),
        inertNumber(
            "min.insync.replicas",
            1,
            in: [1...Int64(Int32.max)],
            .int,
            node: "min.insync.replicas",
            "There is one node: a record is acknowledged when this node has it, whatever the value."
        ),
        inertBoolean("preallocate", false, node: "log.preallocate", "Files grow as they are written."),
        inertBoolean("remote.log.copy.disable", false, node: nil, Unused.tiers),
        inertBoolean("remote.log.delete.on.disable", false, node: nil, Unused.tiers),
        fixed("remote.storage.enable", "false", .boolean, node: nil, Unused.tiers),
        unlimited(
            "retention.bytes",
            \.retentionBytes,
            node: "log.retention.bytes",
            "Bytes of a partition that are kept; -1 for all."
        ),
        unlimited(
            "retention.ms",
            \.retentionMilliseconds,
            node: "log.retention.ms",
            "Milliseconds that records are kept; -1 for ever."
        ),
        number(
            "segment.bytes",
            \.segmentBytes,
            [LogLimits.segmentBytesMin...LogLimits.segmentBytesMax],
            node: "log.segment.bytes",
            "The size at which a segment is sealed."
        ),
        inertNumber(
            "segment.index.bytes",
            10_485_760,
            in: [4...Int64(Int32.max)],
            .int,
            node: "log.index.size.max.bytes",
            "Indexes have the size that they need."
        ),
        number(
            "segment.jitter.ms",
            \.segmentJitterMilliseconds,
            [0...Int64.max],
            .long,
            node: "log.roll.jitter.ms",
            "A segment is sealed up to this much earlier, so that not all are sealed at once."
        ),
        number(
            "segment.ms",
            \.segmentMilliseconds,
            [1...Int64.max],
            .long,
            node: "log.roll.ms",
            "The age at which a segment is sealed."
        ),
        inertBoolean(
            "unclean.leader.election.enable",
            false,
            node: "unclean.leader.election.enable",
            Unused.replicas
        ),
    ]

    /// Why a setting is not used.
    private enum Unused {
        static let formats = "Unused: all records have format 2. Kafka 4 does not have it any more."
        static let replicas = "Unused: there is one node."
        static let tiers = "There is no tiered storage."
    }

    private static let cleanupPolicy = TopicSetting(
        name: "cleanup.policy",
        nodeName: "log.cleanup.policy",
        type: .list,
        documentation: "Old segments are deleted, or only the newest record of each key is kept, or both.",
        text: { $0.cleanupPolicy.map(\.rawValue).joined(separator: ",") },
        set: { configuration, text in
            var policies: [CleanupPolicy] = []
            for name in text.split(separator: ",", omittingEmptySubsequences: false) {
                let words = name.split(separator: " ")
                guard words.count == 1, let policy = CleanupPolicy(rawValue: String(words[0])) else {
                    return "it must be delete, compact, or both separated by a comma"
                }
                if !policies.contains(policy) { policies.append(policy) }
            }
            configuration.cleanupPolicy = policies
            return nil
        }
    )

    private static let cleanableRatioMin = TopicSetting(
        name: "min.cleanable.dirty.ratio",
        nodeName: "log.cleaner.min.cleanable.ratio",
        type: .double,
        documentation: "A compacted topic is cleaned when more than this share of a partition was appended since.",
        text: { String($0.cleanableRatioMin) },
        set: { configuration, text in
            guard let value = Double(text), 0...1 ~= value else { return "it must be a number from 0 to 1" }
            configuration.cleanableRatioMin = value
            return nil
        }
    )

    private static func fixed(
        _ name: String,
        _ value: String,
        _ type: ConfigurationType,
        node: String?,
        _ documentation: String
    ) -> TopicSetting {
        TopicSetting(
            name: name,
            nodeName: node,
            type: type,
            documentation: documentation,
            text: { _ in value },
            set: { _, text in text == value ? nil : "only '\(value)' is offered. \(documentation)" }
        )
    }

    private static func choice<Value: Hashable & Sendable>(
        _ name: String,
        _ path: any WritableKeyPath<LogConfiguration, Value> & Sendable,
        _ values: [String: Value],
        node: String,
        _ documentation: String
    ) -> TopicSetting {
        TopicSetting(
            name: name,
            nodeName: node,
            type: .string,
            documentation: documentation,
            text: { configuration in values.first { $0.value == configuration[keyPath: path] }?.key ?? "" },
            set: { configuration, text in
                guard let value = values[text] else {
                    return "it must be one of " + values.keys.sorted().joined(separator: ", ")
                }
                configuration[keyPath: path] = value
                return nil
            }
        )
    }

    private static func number<Number: FixedWidthInteger & Sendable>(
        _ name: String,
        _ path: any WritableKeyPath<LogConfiguration, Number> & Sendable,
        _ ranges: [ClosedRange<Number>],
        _ type: ConfigurationType = .int,
        node: String,
        _ documentation: String
    ) -> TopicSetting {
        TopicSetting(
            name: name,
            nodeName: node,
            type: type,
            documentation: documentation,
            text: { String($0[keyPath: path]) },
            set: { configuration, text in
                guard let value = Number(text), ranges.contains(where: { $0.contains(value) }) else {
                    return "it must be an integer \(words(ranges))"
                }
                configuration[keyPath: path] = value
                return nil
            }
        )
    }

    private static func words<Number: FixedWidthInteger>(_ ranges: [ClosedRange<Number>]) -> String {
        ranges.map { range in
            range.lowerBound == range.upperBound
                ? "\(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
        }.joined(separator: " or ")
    }

    private static func unlimited<Number: FixedWidthInteger & SignedInteger & Sendable>(
        _ name: String,
        _ path: any WritableKeyPath<LogConfiguration, Number?> & Sendable,
        node: String,
        _ documentation: String
    ) -> TopicSetting {
        TopicSetting(
            name: name,
            nodeName: node,
            type: .long,
            documentation: documentation,
            text: { String($0[keyPath: path] ?? -1) },
            set: { configuration, text in
                guard let value = Number(text), value >= -1 else {
                    return "it must be an integer from 0, or -1 for no limit"
                }
                configuration[keyPath: path] = value == -1 ? nil : value
                return nil
            }
        )
    }
}

/// Settings whose value is kept and changes nothing.
extension TopicSetting {
    private static func inert(
        _ name: String,
        _ standard: String,
        _ type: ConfigurationType,
        node: String?,
        _ documentation: String,
        _ problem: @escaping @Sendable (String) -> String?
    ) -> TopicSetting {
        TopicSetting(
            name: name,
            nodeName: node,
            type: type,
            documentation: documentation,
            text: { $0.inert[name] ?? standard },
            set: { configuration, text in
                if let problem = problem(text) { return problem }
                configuration.inert[name] = text == standard ? nil : text
                return nil
            }
        )
    }

    private static func inertNumber(
        _ name: String,
        _ standard: Int64,
        in ranges: [ClosedRange<Int64>] = [0...Int64.max],
        _ type: ConfigurationType = .long,
        node: String?,
        _ documentation: String
    ) -> TopicSetting {
        inert(name, String(standard), type, node: node, documentation) { text in
            if let value = Int64(text), ranges.contains(where: { $0.contains(value) }) { return nil }
            return "it must be an integer \(words(ranges))"
        }
    }

    private static func inertBoolean(
        _ name: String,
        _ standard: Bool,
        node: String?,
        _ documentation: String
    ) -> TopicSetting {
        inert(name, String(standard), .boolean, node: node, documentation) {
            Bool($0) == nil ? "it must be true or false" : nil
        }
    }

    /// As Kafka checks them: `*`, or pairs of partition and node.
    private static let throttledReplicas: @Sendable (String) -> String? = { text in
        let isList = text.split(separator: ",", omittingEmptySubsequences: false).allSatisfy { pair in
            let numbers = pair.split(separator: ":", omittingEmptySubsequences: false)
            return numbers.count == 2 && numbers.allSatisfy { UInt32($0) != nil }
        }
        return text.isEmpty || text == "*" || isList ? nil : "it must be *, or a list as 0:0,1:0"
    }
}
