/// The configuration of a log. Names and defaults are Kafka's, except for the smaller segment.
///
/// A topic's overrides come as texts under Kafka's names: see ``applying(_:)``.
package struct LogConfiguration: Hashable, Sendable {
    /// `segment.bytes`: a segment is sealed before it would grow beyond this. 256 MiB and not Kafka's GiB: after a
    /// crash the last segment is read through, and retention gives back space one segment at a time.
    package var segmentBytes = 256 << 20
    /// `segment.ms`: a segment is sealed when its first batch is this old.
    package var segmentMilliseconds: Int64 = 7 * 86_400_000
    /// `retention.ms`: segments whose newest record is older are deleted; `nil` keeps them.
    package var retentionMilliseconds: Int64? = 7 * 86_400_000
    /// `retention.bytes`: the oldest segments are deleted while the rest has at least this many bytes; `nil` keeps them.
    package var retentionBytes: Int?
    /// `index.interval.bytes`: bytes of log between entries of an index.
    package var indexIntervalBytes = 4096
    /// `max.message.bytes`: the largest batch that is accepted.
    package var messageBytesMax = 1_048_588
    /// `producer.id.expiration.ms`: a producer that appended nothing for this time is forgotten, and its duplicates with it.
    package var producerExpirationMilliseconds: Int64 = 86_400_000
    /// `flush.messages` and `flush.ms`: when batches are forced to the device.
    package var flushPolicy = FlushPolicy.os

    package init() {}
}

/// When appended batches are forced to the device. See `docs/decisions/` for what each can lose.
package enum FlushPolicy: Hashable, Sendable, CustomStringConvertible {
    /// When the operating system writes them. The end of the process, even by `SIGKILL`, loses nothing; a power cut may
    /// lose what was acknowledged in the last seconds. Kafka's default.
    case os
    /// By the first call of ``PartitionLog/maintain(now:hold:)`` that comes at least this many milliseconds (from 1) after
    /// they were appended: so at most this time, and the time between two such calls, after.
    case interval(milliseconds: Int64)
    /// Before they are acknowledged: nothing acknowledged is ever lost.
    case always

    /// `os`, `interval 500 ms` or `always`, for status pages.
    package var description: String {
        switch self {
        case .os: "os"
        case .interval(let milliseconds): "interval \(milliseconds) ms"
        case .always: "always"
        }
    }
}

/// One setting of a topic as clients see it in DescribeConfigs.
package struct LogConfigurationEntry: Hashable, Sendable {
    /// Kafka's name.
    package let name: String
    /// The value, as text.
    package let value: String
    /// Whether the value is that of the configuration's default.
    package let isDefault: Bool
    /// Whether it describes the topic and cannot be set.
    package let isReadOnly: Bool
    /// What it means, in words.
    package let documentation: String

    package init(name: String, value: String, isDefault: Bool, isReadOnly: Bool = false, documentation: String) {
        self.name = name
        self.value = value
        self.isDefault = isDefault
        self.isReadOnly = isReadOnly
        self.documentation = documentation
    }
}

/// A setting by Kafka's name, and how its text is read and written.
private struct Setting: Sendable {
    let name: String
    let documentation: String
    let text: @Sendable (LogConfiguration) -> String
    /// Returns why the text is not a valid value; `nil` where it is.
    let set: @Sendable (inout LogConfiguration, String) -> String?
}

extension LogConfiguration {
    /// Every setting of a topic with its value; those that differ from `defaults` were chosen.
    package func entries(defaults: LogConfiguration) -> [LogConfigurationEntry] {
        Self.settings.map { setting in
            LogConfigurationEntry(
                name: setting.name,
                value: setting.text(self),
                isDefault: setting.text(self) == setting.text(defaults),
                documentation: setting.documentation
            )
        }
    }

    /// This configuration with a topic's overrides, by Kafka's names.
    ///
    /// - Throws: ``LogError/Code/invalidConfiguration`` for an unknown name or an invalid value.
    package func applying(_ overrides: [String: String]) throws(LogError) -> LogConfiguration {
        var changed = self
        for (name, value) in overrides.sorted(by: { $0.key < $1.key }) {
            guard let setting = Self.settings.first(where: { $0.name == name }) else {
                let known = Self.settings.map(\.name).joined(separator: ", ")
                throw .invalidConfiguration("a topic has no setting '\(name)'; it has \(known)")
            }
            if let problem = setting.set(&changed, value) {
                throw .invalidConfiguration("'\(value)' is not a valid value of \(name): \(problem)")
            }
        }
        return changed
    }

    private static let settings: [Setting] = [
        fixed("cleanup.policy", "delete", "Old segments are deleted. Compaction is not offered."),
        fixed("compression.type", "producer", "Batches are kept as their producer compressed them."),
        Setting(
            name: "flush.messages",
            documentation: "1 forces every batch to the device before it is acknowledged.",
            text: { $0.flushPolicy == .always ? "1" : String(Int64.max) },
            set: { configuration, text in
                switch text {
                case "1": configuration.flushPolicy = .always
                case String(Int64.max): if configuration.flushPolicy == .always { configuration.flushPolicy = .os }
                default: return "it must be 1 (every batch) or \(Int64.max) (none)"
                }
                return nil
            }
        ),
        Setting(
            name: "flush.ms",
            documentation: "Milliseconds after which the next maintenance forces batches to the device.",
            text: { if case .interval(let limit) = $0.flushPolicy { String(limit) } else { String(Int64.max) } },
            set: { configuration, text in
                guard let value = Int64(text), value > 0 else { return "it must be a number of milliseconds from 1" }
                if configuration.flushPolicy != .always {
                    configuration.flushPolicy = value == .max ? .os : .interval(milliseconds: value)
                }
                return nil
            }
        ),
        number("index.interval.bytes", \.indexIntervalBytes, 1...Int(Int32.max), "Bytes between entries of an index."),
        number("max.message.bytes", \.messageBytesMax, 0...LogLimits.messageBytesMax, "The largest batch taken."),
        fixed("message.timestamp.type", "CreateTime", "Records keep the timestamp of their producer."),
        fixed("min.insync.replicas", "1", "There is one node."),
        unlimited("retention.bytes", \.retentionBytes, "Bytes of a partition that are kept; -1 for all."),
        unlimited("retention.ms", \.retentionMilliseconds, "Milliseconds that records are kept; -1 for ever."),
        number(
            "segment.bytes",
            \.segmentBytes,
            LogLimits.segmentBytesMin...LogLimits.segmentBytesMax,
            "The size at which a segment is sealed."
        ),
        number("segment.ms", \.segmentMilliseconds, 1...Int64.max, "The age at which a segment is sealed."),
    ]

    private static func fixed(_ name: String, _ value: String, _ documentation: String) -> Setting {
        Setting(name: name, documentation: documentation, text: { _ in value }) { _, text in
            text == value ? nil : "only '\(value)' is offered"
        }
    }

    private static func number<Number: FixedWidthInteger & Sendable>(
        _ name: String,
        _ path: any WritableKeyPath<LogConfiguration, Number> & Sendable,
        _ range: ClosedRange<Number>,
        _ documentation: String
    ) -> Setting {
        Setting(name: name, documentation: documentation, text: { String($0[keyPath: path]) }) { configuration, text in
            guard let value = Number(text), range.contains(value) else {
                return "it must be an integer from \(range.lowerBound) to \(range.upperBound)"
            }
            configuration[keyPath: path] = value
            return nil
        }
    }

    private static func unlimited<Number: FixedWidthInteger & SignedInteger & Sendable>(
        _ name: String,
        _ path: any WritableKeyPath<LogConfiguration, Number?> & Sendable,
        _ documentation: String
    ) -> Setting {
        Setting(name: name, documentation: documentation, text: { String($0[keyPath: path] ?? -1) }) {
            configuration,
            text in
            guard let value = Number(text), value >= -1 else {
                return "it must be an integer from 0, or -1 for no limit"
            }
            configuration[keyPath: path] = value == -1 ? nil : value
            return nil
        }
    }
}
