import ConnectAPI
import PlainText

/// What the sink does with its settings, in sentences.
struct HDFSSinkExplanation {
    let sentences: [String]

    init(_ settings: HDFSSinkSettings, _ values: ConfigurationValues) {
        sentences = [
            Self.files(settings),
            Self.directories(settings, values),
            Self.rotation(settings.rotation),
            "Each commit is recorded under \(settings.logsDirectory); a record is filed exactly once.",
        ]
    }

    private static func files(_ settings: HDFSSinkSettings) -> String {
        let format =
            switch settings.format {
            case .json: "JSON lines"
            }
        return
            "Files the records of each topic as \(format) under \(settings.topicsDirectory)/<topic>; a file's name says "
            + "topic, partition, first and last offset, with '\(settings.fileDelimiter)' between them."
    }

    private static func directories(_ settings: HDFSSinkSettings, _ values: ConfigurationValues) -> String {
        let kind = PartitionerKind.allCases.first { values.text("partitioner.class").hasSuffix($0.rawValue) }
        let format = kind?.preset?.pathFormat ?? values.text("path.format")
        let time =
            switch settings.extractor {
            case .record: "the record's timestamp in Kafka"
            case .wallclock: "the time at which it is filed"
            }
        return "A record's directory is \(format), by \(time) in the time zone \(values.text("timezone"))."
    }

    private static func rotation(_ rotation: RotationSettings) -> String {
        var limits = ["it has \(NumberText.whole(rotation.flushSize)) records"]
        if let bytes = rotation.sizeBytes { limits.append("it has \(NumberText.whole(bytes)) bytes") }
        if let interval = rotation.intervalMilliseconds {
            switch rotation.intervalClock {
            case .records: limits.append("a record comes that is \(milliseconds(interval)) younger than the first one")
            case .wall: limits.append("\(milliseconds(interval)) have passed since its first record")
            }
        }
        if let schedule = rotation.scheduleIntervalMilliseconds {
            limits.append("the clock reaches a multiple of \(milliseconds(schedule))")
        }
        if let visible = rotation.visibleWithinMilliseconds {
            limits.append("\(milliseconds(visible)) have passed since its first record, also when no other comes")
        }
        return "What a partition holds is filed as soon as "
            + limits.joined(separator: ", or ") + "."
    }

    private static func milliseconds(_ count: Int64) -> String { "\(NumberText.whole(count)) ms" }
}
