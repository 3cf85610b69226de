import CommitLedger
package import ConnectAPI

/// The settings of the sink, under the names that Confluent's HDFS sinks gave them, so that a configuration made for
/// those is taken as it is. Differences say why.
package enum HDFSSinkDefinitions {
    package static let all = ConfigurationDefinitions(
        ConfigurationDefinition.group("Storage", places)
            + ConfigurationDefinition.group("Files", names)
            + ConfigurationDefinition.group("Partitioner", partitioning)
            + ConfigurationDefinition.group("Rotation", rotation)
            + without + ignored
    )

    private static let places: [ConfigurationDefinition] = [
        .ignored("hdfs.url", localDirectory, because: storageIsGiven).shown(.high, .medium, "HDFS URL"),
        .ignored("store.url", localDirectory, because: storageIsGiven).shown(.high, .medium, "Store URL"),
        ConfigurationDefinition(
            "topics.dir",
            .string,
            default: "topics",
            .notEmpty,
            "The directory of the topics' directories."
        ).shown(.high, .long, "Topics Directory"),
        ConfigurationDefinition(
            "logs.dir",
            .string,
            default: "logs",
            .notEmpty,
            "The directory of the commit records."
        ).shown(.high, .long, "Logs Directory"),
    ]

    private static let storageIsGiven = "the directory that holds topics.dir and logs.dir is the process's own setting"

    /// A URL of a directory, or a path. Anything else names a storage that the files would not be in.
    private static let localDirectory = ConfigurationRule { value in
        value.hasPrefix("file:") || value.hasPrefix("/")
            ? nil : "is not a local directory, and this build files to local directories only; remove the setting"
    }

    private static let names: [ConfigurationDefinition] = [
        ConfigurationDefinition(
            "format.class",
            .className,
            default: RecordFormat.json.rawValue,
            .oneOf(RecordFormat.allCases.flatMap { classNames($0.rawValue, packages: formatPackages) }),
            "How records are written: JSON, one object a line."
        ).shown(.high, .long, "Format Class"),
        ConfigurationDefinition(
            "file.delim",
            .string,
            default: "+",
            .oneOf(FinalName.delimiters),
            "What stands between topic, partition and offsets in a file's name."
        ).shown(.low, .short, "File Delimiter"),
        ConfigurationDefinition(
            "directory.delim",
            .string,
            default: "/",
            .oneOf(["/"]),
            "What stands between directories."
        ).shown(.low, .short, "Directory Delimiter"),
        ConfigurationDefinition(
            "filename.offset.zero.pad.width",
            .int,
            default: "10",
            .within(0...19),
            "How many digits offsets in a file's name have at least."
        ).shown(.low, .short, "Filename Offset Zero Pad Width"),
    ]

    /// Other partitioners bring their own.
    @Sendable private static func hasOwnPathFormat(_ configuration: [String: String]) -> Bool {
        configuration["partitioner.class"]?.hasSuffix(PartitionerKind.timeBased.rawValue) ?? true
    }

    private static let partitioning: [ConfigurationDefinition] = [
        ConfigurationDefinition(
            "partitioner.class",
            .className,
            default: "TimeBasedPartitioner",
            .oneOf(PartitionerKind.allCases.flatMap { classNames($0.rawValue, packages: partitionerPackages) }),
            "How records are put into directories."
        ).shown(
            .high,
            .long,
            "Partitioner Class",
            dependents: ["path.format", "partition.duration.ms"]
        ),
        ConfigurationDefinition(
            "path.format",
            .string,
            default: "YYYY/MM/dd/HH",
            .notEmpty,
            "The directories of the TimeBasedPartitioner, in Joda-Time's letters."
        ).shown(.medium, .long, "Path Format", isVisible: hasOwnPathFormat),
        ConfigurationDefinition(
            "partition.duration.ms",
            .long,
            default: "3600000",
            .within(1...86_400_000),
            "To what the TimeBasedPartitioner rounds a time down, in milliseconds."
        ).shown(.medium, .medium, "Partition Duration (ms)", isVisible: hasOwnPathFormat),
        ConfigurationDefinition(
            "locale",
            .string,
            default: "en-US",
            "The language of names in path.format, such as fr-FR."
        ).shown(.medium, .medium, "Locale"),
        ConfigurationDefinition(
            "timezone",
            .string,
            default: "UTC",
            .notEmpty,
            "The zone of path.format, by its name in the IANA table."
        ).shown(.medium, .medium, "Timezone"),
        ConfigurationDefinition(
            "timestamp.extractor",
            .className,
            default: TimestampExtractor.wallclock.rawValue,
            .oneOf(TimestampExtractor.allCases.flatMap(classNames)),
            "Which time a record has: when it is filed (Wallclock), or the one that Kafka has (Record)."
        ).shown(.medium, .long, "Timestamp Extractor"),
    ]

    private static let rotation: [ConfigurationDefinition] = [
        ConfigurationDefinition(
            "flush.size",
            .int,
            default: "500000",
            .atLeast(1),
            "Records of a partition after which they are filed."
        ).shown(.high, .long, "Flush Size"),
        ConfigurationDefinition(
            "rotate.size.bytes",
            .long,
            default: "134217728",
            .atLeast(-1),
            "Bytes of a partition after which they are filed; -1: no limit."
        ).shown(.medium, .short, "Rotate Size (bytes)"),
        ConfigurationDefinition(
            "rotate.interval.ms",
            .long,
            default: "-1",
            .atLeast(-1),
            "Milliseconds of the records' time (of the clock with Wallclock) after which they are filed; -1: never."
        ).shown(.high, .medium, "Rotate Interval (ms)"),
        ConfigurationDefinition(
            "rotate.schedule.interval.ms",
            .long,
            default: "-1",
            .atLeast(-1),
            "Records are filed at each multiple of these milliseconds on the zone's wall clock; -1: never."
        ).shown(.medium, .short, "Rotate Schedule Interval (ms)"),
        ConfigurationDefinition(
            "visible.within.ms",
            .long,
            default: "300000",
            .atLeast(-1),
            "Milliseconds after which a record is in a file at the latest, also when no other comes; -1: no limit."
        ).shown(.medium, .medium, "Visible Within (ms)"),
    ]

    /// Settings that would change the files if they were ignored silently.
    private static let without: [ConfigurationDefinition] = [
        ConfigurationDefinition(
            "hdfs.authentication.kerberos",
            .boolean,
            default: "false",
            .oneOf(["false"]),
            "Kerberos; only false is supported."
        ),
        ConfigurationDefinition(
            "hive.integration",
            .boolean,
            default: "false",
            .oneOf(["false"]),
            "Hive; only false is supported."
        ),
        ConfigurationDefinition(
            "schema.compatibility",
            .string,
            default: "NONE",
            .oneOf(["NONE"]),
            "Schemas; only NONE is supported: values are plain JSON."
        ),
    ]

    private static let ignored: [ConfigurationDefinition] =
        [
            ("hadoop.conf.dir", "nothing of Hadoop has to be installed"),
            ("hadoop.home", "nothing of Hadoop has to be installed"),
            ("shutdown.timeout.ms", "the sink files what it holds before it stops"),
            ("retry.backoff.ms", "errors.retry.delay.max.ms bounds the wait between tries"),
            ("schema.cache.size", "there are no schemas"),
            ("enhanced.avro.schema.support", "there are no schemas"),
            ("connect.meta.data", "there are no schemas"),
            ("avro.codec", "the format is JSON"),
            ("parquet.codec", "the format is JSON"),
        ].map { .ignored($0.0, because: $0.1) }

    private static let formatPackages = [
        "io.confluent.connect.hdfs3.json", "io.confluent.connect.hdfs.json",
    ]
    private static let partitionerPackages = [
        "io.confluent.connect.storage.partitioner", "io.confluent.connect.hdfs.partitioner",
        "io.confluent.connect.hdfs3.partitioner",
    ]

    private static func classNames(_ extractor: TimestampExtractor) -> [String] {
        let name = extractor.rawValue
        return [name] + partitionerPackages.map { "\($0).TimeBasedPartitioner$\(name)TimestampExtractor" }
    }

    private static func classNames(_ name: String, packages: [String]) -> [String] {
        [name] + packages.map { "\($0).\(name)" }
    }
}
