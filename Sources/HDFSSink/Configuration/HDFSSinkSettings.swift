package import ConnectAPI

/// The sink's settings, read and checked.
package struct HDFSSinkSettings: Sendable {
    /// `hdfs.url` or `store.url`, as given.
    package let storeURL: String?
    /// Below the storage's root, without slashes at its ends; so is `logsDirectory`.
    package let topicsDirectory: String
    package let logsDirectory: String
    package let fileDelimiter: String
    package let offsetDigits: Int
    package let extractor: TimestampExtractor
    package let rotation: RotationSettings
    /// Each partition has a copy of its own, since it remembers where the last record lay.
    package let partitioner: TimeBasedPartitioner

    /// - Parameter values: checked against ``HDFSSinkDefinitions``.
    /// - Throws: settings that are wrong beyond a single value's type and range.
    package init(_ values: ConfigurationValues) throws(ConfigurationError) {
        storeURL = values.string("store.url") ?? values.string("hdfs.url")
        topicsDirectory = try Self.path("topics.dir", values)
        logsDirectory = try Self.path("logs.dir", values)
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
    private static func path(_ key: String, _ values: ConfigurationValues) throws(ConfigurationError) -> String {
        let names = values.text(key).split(separator: "/")
        guard !names.isEmpty, !names.contains(".."), !names.contains(".") else {
            let message = "'\(values.text(key))' is no directory below the storage's root, such as HeraSDG/raw_data"
            throw ConfigurationError([ConfigurationProblem(key: key, message: message)])
        }
        return names.joined(separator: "/")
    }

    /// A number that asks for something; -1 and 0 ask for nothing.
    private static func positive(_ key: String, _ values: ConfigurationValues) -> Int64? {
        values.integer(key).flatMap { $0 > 0 ? $0 : nil }
    }
}
