package import ConnectAPI
import Storage

/// The sink's settings, read and checked.
package struct HDFSSinkSettings: Sendable {
    /// Below the storage's root, without slashes at its ends; so is `logsDirectory`.
    package let topicsDirectory: String
    package let logsDirectory: String
    package let format: RecordFormat
    package let fileDelimiter: String
    package let offsetDigits: Int
    package let extractor: TimestampExtractor
    package let rotation: RotationSettings
    /// Each partition has its own copy, because it remembers where the last record belonged.
    package let partitioner: TimeBasedPartitioner

    /// - Parameter values: checked against ``HDFSSinkDefinitions``.
    /// - Throws: settings that are wrong beyond a single value's type and range.
    package init(_ values: ConfigurationValues) throws(ConfigurationError) {
        let topics = try Self.path("topics.dir", values)
        let logs = try Self.path("logs.dir", values)
        try Self.check(logs: logs, topics: topics)
        topicsDirectory = topics.string
        logsDirectory = logs.string
        format = RecordFormat.allCases.first { values.text("format.class").hasSuffix($0.rawValue) } ?? .json
        fileDelimiter = values.text("file.delim")
        offsetDigits = Int(values.integer("filename.offset.zero.pad.width") ?? 10)
        extractor =
            TimestampExtractor.allCases.first { values.text("timestamp.extractor").contains($0.rawValue) }
            ?? .wallclock
        partitioner = try Self.partitioner(values)

        var rotation = RotationSettings(flushSize: values.integer("flush.size") ?? 1)
        rotation.sizeBytes = Self.positive("rotate.size.bytes", values)
        rotation.intervalMilliseconds = Self.positive("rotate.interval.ms", values)
        rotation.intervalClock = extractor == .wallclock ? .wall : .records
        rotation.scheduleIntervalMilliseconds = Self.positive("rotate.schedule.interval.ms", values)
        rotation.scheduleClock = partitioner.clock
        rotation.visibleWithinMilliseconds = Self.positive("visible.within.ms", values)
        self.rotation = rotation
    }

    private static func partitioner(_ values: ConfigurationValues) throws(ConfigurationError) -> TimeBasedPartitioner {
        let kind = PartitionerKind.allCases.first { values.text("partitioner.class").hasSuffix($0.rawValue) }
        let preset = kind?.preset
        do {
            return try TimeBasedPartitioner(
                pathFormat: preset?.pathFormat ?? values.text("path.format"),
                locale: values.text("locale"),
                timeZone: values.text("timezone"),
                durationMilliseconds: preset?.durationMilliseconds ?? values.integer("partition.duration.ms") ?? 0
            )
        } catch {
            throw ConfigurationError([ConfigurationProblem(key: error.key, message: error.message)])
        }
    }

    /// A path below the storage's root: the original's settings begin with a slash, and one more came by joining.
    private static func path(_ key: String, _ values: ConfigurationValues) throws(ConfigurationError) -> StoragePath {
        if let path = try? StoragePath(values.text(key)), path != .root { return path }
        let message = "'\(values.text(key))' is not a directory below the storage's root, such as HeraSDG/raw_data"
        throw ConfigurationError([ConfigurationProblem(key: key, message: message)])
    }

    /// Readers of the raw zone take each name below `topics.dir` for a topic, unless it is hidden.
    private static func check(logs: StoragePath, topics: StoragePath) throws(ConfigurationError) {
        guard logs == topics || logs.string.utf8.starts(with: "\(topics.string)/".utf8) else { return }
        let below = logs.string.utf8.dropFirst(topics.string.utf8.count + 1)
        if ZoneNames.isHidden(String(Substring(below))) { return }
        let message =
            "'\(logs)' would look like a topic below topics.dir, '\(topics)'; put it beside that directory, or let its "
            + "name there start with _, such as \(topics)/_logs"
        throw ConfigurationError([ConfigurationProblem(key: "logs.dir", message: message)])
    }

    /// The value of a bound; `nil` for -1 and 0, which mean that there is none.
    private static func positive(_ key: String, _ values: ConfigurationValues) -> Int64? {
        values.integer(key).flatMap { $0 > 0 ? $0 : nil }
    }
}

/// Confluent's partitioners that go by the time; the text is the class's own name.
enum PartitionerKind: String, CaseIterable, Sendable {
    case timeBased = "TimeBasedPartitioner"
    case daily = "DailyPartitioner"
    case hourly = "HourlyPartitioner"

    /// Its fixed format and duration; `nil` if settings choose them.
    var preset: (pathFormat: String, durationMilliseconds: Int64)? {
        switch self {
        case .timeBased: nil
        case .daily: ("'year'=YYYY/'month'=MM/'day'=dd", 86_400_000)
        case .hourly: ("'year'=YYYY/'month'=MM/'day'=dd/'hour'=HH", 3_600_000)
        }
    }
}

/// Which time decides a record's directory; the text is Confluent's name.
package enum TimestampExtractor: String, CaseIterable, Sendable {
    /// When the sink takes the record. After a crash the same record may go to another directory than before.
    case wallclock = "Wallclock"
    /// The record's own timestamp in Kafka; a record without one has the time at which the sink takes it.
    case record = "Record"
}
