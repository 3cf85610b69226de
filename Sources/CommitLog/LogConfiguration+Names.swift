/// Kafka's name for a setting, and how its text is read and written. The one table of them.
private struct Setting: Sendable {
    let name: String
    let documentation: String
    let text: @Sendable (LogConfiguration) -> String
    /// Returns why the text is not a valid value of this setting; `nil` where it was taken.
    let set: @Sendable (inout LogConfiguration, String) -> String?
}

extension LogConfiguration {
    /// Every setting that a topic has, with its value here; `defaults` tells which of them were chosen.
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
    /// - Throws: ``LogError/Code/invalidConfiguration`` for a name that is not known and a value that cannot be.
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
                default: return "it is 1 (every batch) or \(Int64.max) (none)"
                }
                return nil
            }
        ),
        Setting(
            name: "flush.ms",
            documentation: "Milliseconds after which the next maintenance forces batches to the device.",
            text: { if case .interval(let limit) = $0.flushPolicy { String(limit) } else { String(Int64.max) } },
            set: { configuration, text in
                guard let value = Int64(text), value > 0 else { return "it is a number of milliseconds, from 1" }
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
                return "it is a whole number from \(range.lowerBound) to \(range.upperBound)"
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
                return "it is a whole number from 0, or -1 for no limit"
            }
            configuration[keyPath: path] = value == -1 ? nil : value
            return nil
        }
    }
}
