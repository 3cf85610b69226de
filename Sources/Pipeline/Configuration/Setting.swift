import Analysis
import Ingestor
import KafkaTopics
import Storage

/// One key of the configuration: its name in `hera.yaml`, where its value goes, and what it means.
///
/// In the environment `ingestor.flush-interval-milliseconds` is `HERA_INGESTOR_FLUSH_INTERVAL_MILLISECONDS`.
package struct Setting: Sendable {
    /// Where a value goes, by its type.
    package enum Target: Sendable {
        case text(any WritableKeyPath<PipelineConfiguration, String> & Sendable, TextRule = .notEmpty)
        case optionalText(any WritableKeyPath<PipelineConfiguration, String?> & Sendable, TextRule = .notEmpty)
        case number(any WritableKeyPath<PipelineConfiguration, Int> & Sendable, ClosedRange<Int>)
        case choice(any WritableKeyPath<PipelineConfiguration, String> & Sendable, [String])
        case flag(any WritableKeyPath<PipelineConfiguration, Bool> & Sendable)
    }

    package let key: String
    package let target: Target
    package let meaning: String

    /// Every key there is; any other is an error.
    package static let all: [Setting] = [
        Setting(key: "data", target: .text(\.data, .path), meaning: "the directory that keeps everything"),
        Setting(
            key: "permissions",
            target: .choice(\.permissions, FilePrivacy.allCases.map(\.rawValue)),
            meaning: "who may read the files: only their owner, the owner's group too, or as the umask says"
        ),

        Setting(
            key: "ingestor.listen",
            target: .text(\.ingestor.listen, .listenAddress),
            meaning: "HOST:PORT of the Kafka protocol, or several as NAME://HOST:PORT,…; port 0 takes a free one"
        ),
        Setting(
            key: "ingestor.advertise",
            target: .optionalText(\.ingestor.advertise, .advertisedAddress),
            meaning: "HOST:PORT that clients are told to connect to, or NAME://HOST:PORT,… by listener"
        ),
        Setting(
            key: "ingestor.flush",
            target: .choice(\.ingestor.flush, ["os", "interval", "always"]),
            meaning: "when appended records are forced to the disk"
        ),
        Setting(
            key: "ingestor.flush-interval-milliseconds",
            target: .number(
                \.ingestor.flushIntervalMilliseconds,
                PipelineConfiguration.IngestorSettings.flushIntervalMillisecondsRange
            ),
            meaning: "time between two flushes where ingestor.flush is interval"
        ),
        Setting(
            key: "ingestor.auto-create-topics",
            target: .flag(\.ingestor.autoCreateTopics),
            meaning: "whether a topic is created on first use"
        ),
        Setting(
            key: "ingestor.partitions",
            target: .number(\.ingestor.partitions, PipelineConfiguration.IngestorSettings.partitionsRange),
            meaning: "partitions of the community's topics and of those created on first use"
        ),
        Setting(
            key: "ingestor.retention-milliseconds",
            target: .number(\.ingestor.retentionMilliseconds, 1...Int.max),
            meaning: "how long the topics keep their records, from when they were appended"
        ),
        Setting(
            key: "ingestor.retention-hold-milliseconds",
            target: .number(\.ingestor.retentionHoldMilliseconds, 0...Int.max),
            meaning: "how much longer hera up keeps records that its sink has not filed"
        ),
        Setting(
            key: "ingestor.offsets-retention-minutes",
            target: .number(\.ingestor.offsetsRetentionMinutes, IngestorLimits.offsetsRetentionMinutesBounds),
            meaning: "how long the offsets of a group without members are kept"
        ),
        Setting(
            key: "ingestor.group-migration-policy",
            target: .choice(\.ingestor.groupMigrationPolicy, GroupMigrationPolicy.allCases.map(\.rawValue)),
            meaning: "which protocol a consumer group with members can change to (group.consumer.migration.policy)"
        ),
        Setting(
            key: "ingestor.group-initial-rebalance-milliseconds",
            target: .number(
                \.ingestor.groupInitialRebalanceMilliseconds,
                PipelineConfiguration.IngestorSettings.groupInitialRebalanceMillisecondsRange
            ),
            meaning: "how long a new consumer group waits for further members (group.initial.rebalance.delay.ms)"
        ),
        Setting(
            key: "ingestor.request-bytes-max",
            target: .number(\.ingestor.requestBytesMax, 1_048_576...104_857_600),
            meaning: "the greatest request; a topic's max.message.bytes cannot be more"
        ),
        Setting(
            key: "ingestor.request-memory-bytes-max",
            target: .number(\.ingestor.requestMemoryBytesMax, 2_113_536...Int.max),
            meaning: "memory for requests under way; at least ingestor.request-bytes-max and 1064960 more"
        ),
        Setting(
            key: "ingestor.slow-request-milliseconds",
            target: .number(\.ingestor.slowRequestMilliseconds, 0...3_600_000),
            meaning: "a request that takes longer is logged, unless it waits for others; 0 logs none"
        ),

        Setting(
            key: "metrics.listen",
            target: .optionalText(\.metrics.listen, .metricsAddress),
            meaning: "HOST:PORT, or a PORT of the loopback, where hera up and hera ingestor serve /metrics and /health"
        ),

        Setting(
            key: "storage.url",
            target: .optionalText(\.storage.url, .storageLocation),
            meaning: "where files lie: a directory, or an hdfs:, webhdfs: or swebhdfs: URL"
        ),
        Setting(
            key: "storage.user",
            target: .optionalText(\.storage.user),
            meaning: "the user that an HDFS is told, or who logs in where there is a password"
        ),
        Setting(
            key: "storage.password",
            target: .optionalText(\.storage.password, .secret),
            meaning: "the password of a gateway (basic authentication)"
        ),
        Setting(
            key: "storage.token",
            target: .optionalText(\.storage.token, .secret),
            meaning: "a delegation token of the HDFS, in the form that a URL has"
        ),
        Setting(
            key: "storage.http-address",
            target: .optionalText(\.storage.httpAddress, .hosts),
            meaning: "HOST:PORT,… of the NameNodes' HTTP servers"
        ),
        Setting(
            key: "storage.http-path",
            target: .text(\.storage.httpPath, .urlPath),
            meaning: "the path of WebHDFS there; a gateway has one of its own, such as /gateway/default/webhdfs/v1"
        ),
        Setting(
            key: "storage.hadoop-conf-dir",
            target: .optionalText(\.storage.hadoopConfDir, .path),
            meaning:
                "the directory of core-site.xml and hdfs-site.xml, where nameservices are looked up (hadoop.conf.dir)"
        ),
        Setting(
            key: "storage.ca-file",
            target: .optionalText(\.storage.caFile, .path),
            meaning: "a file with the certificates (PEM) of the authorities that TLS trusts"
        ),
        Setting(
            key: "storage.replication",
            target: .number(\.storage.replication, 0...512),
            meaning: "how many DataNodes keep each block; 0: as the HDFS has it"
        ),
        Setting(
            key: "storage.block-size-bytes",
            target: .number(\.storage.blockSizeBytes, 0...Int.max),
            meaning: "the block size of new files, a multiple of 512; 0: as the HDFS has it"
        ),
        Setting(
            key: "storage.retry-milliseconds",
            target: .number(\.storage.retryMilliseconds, 0...3_600_000),
            meaning: "how long a call of an HDFS that cannot be done now is tried again"
        ),

        Setting(
            key: "source.rate",
            target: .number(\.source.rate, PipelineConfiguration.SourceSettings.rateRange),
            meaning: "events a second, the initial ones included"
        ),
        Setting(
            key: "source.initial-size",
            target: .number(\.source.initialSize, 1...100_000_000),
            meaning: "users at the start; five behaviours for each follow"
        ),
        Setting(
            key: "source.seed",
            target: .number(\.source.seed, 0...Int.max),
            meaning: "the same seed gives the same events"
        ),

        Setting(
            key: "sink.name",
            target: .text(\.sink.name, .connectorName),
            meaning: "the connector's name; its consumer group is connect-NAME"
        ),
        Setting(
            key: "sink.topics-dir",
            target: .text(\.sink.topicsDirectory, .storagePath),
            meaning: "the raw zone, from the root of the storage"
        ),
        Setting(
            key: "sink.logs-dir",
            target: .text(\.sink.logsDirectory, .storagePath),
            meaning: "the commit records, from the root of the storage"
        ),
        Setting(
            key: "sink.path-format",
            target: .text(\.sink.pathFormat),
            meaning: "directories under a topic, in Joda-Time letters"
        ),
        Setting(key: "sink.locale", target: .text(\.sink.locale), meaning: "language of names in sink.path-format"),
        Setting(
            key: "sink.timezone",
            target: .text(\.sink.timeZone),
            meaning: "time zone of the directories, by IANA name"
        ),
        Setting(
            key: "sink.flush-size",
            target: .number(\.sink.flushSize, 1...Int(Int32.max)),
            meaning: "records of a partition after which they are filed"
        ),
        Setting(
            key: "sink.rotate-size-bytes",
            target: .number(\.sink.rotateSizeBytes, 1024...Int.max),
            meaning: "bytes of a partition after which they are filed"
        ),
        Setting(
            key: "sink.visible-within-milliseconds",
            target: .number(\.sink.visibleWithinMilliseconds, 100...86_400_000),
            meaning: "a record is in a file after this time at the latest"
        ),

        Setting(
            key: "analyzer.seed",
            target: .number(\.analyzer.seed, 0...Int.max),
            meaning: "the same seed gives the same segments"
        ),
        Setting(
            key: "analyzer.segments-max",
            target: .number(\.analyzer.segmentsMax, AnalysisOptions.kMaxRange),
            meaning: "segmentations are tried from 2 segments to this many"
        ),
    ]

    /// The variable of the environment that says this setting.
    package var environmentVariable: String {
        "HERA_" + key.map { $0 == "." || $0 == "-" ? "_" : $0.uppercased() }.joined()
    }

    /// The setting with this key; `nil` where there is none.
    package static func named(_ key: String) -> Setting? { all.first { $0.key == key } }

    /// Why this setting cannot have the value, to be read behind its name; `nil` where it can.
    package func problem(with text: String) -> String? {
        var trial = PipelineConfiguration()
        return take(text, into: &trial)
    }

    /// Gives `configuration` the value.
    ///
    /// - Returns: why it cannot have it; the configuration is as it was then.
    func take(_ text: String, into configuration: inout PipelineConfiguration) -> String? {
        switch target {
        case .text(let path, let rule):
            if let problem = rule.problem(text) { return problem }
            configuration[keyPath: path] = text
        case .optionalText(let path, let rule):
            if let problem = rule.problem(text) { return problem }
            configuration[keyPath: path] = text
        case .choice(let path, let choices):
            guard choices.contains(text) else {
                return "is '\(text)'; it has to be one of \(choices.joined(separator: ", "))"
            }
            configuration[keyPath: path] = text
        case .number(let path, let range):
            let most = range.upperBound == Int.max ? "" : " to \(range.upperBound)"
            guard let number = Int(text.replacing("_", with: "")), range.contains(number) else {
                return "is '\(text)'; it has to be a number from \(range.lowerBound)\(most)"
            }
            configuration[keyPath: path] = number
        case .flag(let path):
            guard let flag = Self.flags[text.lowercased()] else { return "is '\(text)'; it has to be true or false" }
            configuration[keyPath: path] = flag
        }
        return nil
    }

    /// YAML's words for the two.
    private static let flags = ["true": true, "yes": true, "on": true, "false": false, "no": false, "off": false]
}

/// What a setting that is a text has to be.
package struct TextRule: Sendable {
    /// What is wrong with a value, to be read behind the name of a setting or a flag; `nil` where nothing is.
    package let problem: @Sendable (String) -> String?

    /// Anything but nothing.
    package static let notEmpty = TextRule { $0.isEmpty ? "is empty" : nil }

    /// A file or directory of this machine.
    package static let path = TextRule { text in
        if text.isEmpty { return "is empty; give it the path of a directory" }
        if text.utf8.contains(0) { return "has a zero byte in it, which no path can have" }
        if text == "~" || text.hasPrefix("~/") {
            return "is '\(text)'; only a shell knows what '~' means: write the whole path"
        }
        return nil
    }

    /// A directory below the root of the storage.
    package static let storagePath = TextRule { text in
        if text.isEmpty {
            return "is empty; it has to be a directory below the storage's root, such as HeraSDG/raw_data"
        }
        if let path = try? StoragePath(text), path != .root { return nil }
        return "is '\(text)'; it has to be a directory below the storage's root, such as HeraSDG/raw_data"
    }

    /// The connector's name is part of a directory, of a consumer group, and of the dead letter queue's topic.
    package static let connectorName = TextRule { text in
        var settings = PipelineConfiguration.SinkSettings()
        settings.name = text
        guard TopicName.problem(with: text) == nil, TopicName.problem(with: settings.deadLetterTopic) == nil else {
            let length = TopicName.lengthMax - settings.deadLetterTopic.utf8.count + text.utf8.count
            return "is '\(text)'; it has to be 1 to \(length) letters a-z and A-Z, digits, '.', '_' and '-', and no "
                + "'.' or '..' alone"
        }
        return nil
    }

    /// Addresses to listen at.
    package static let listenAddress = TextRule { text in
        guard let addresses = NamedAddress.list(text) else {
            return "is '\(text)'; it has to be HOST:PORT, such as 127.0.0.1:9092, or NAME://HOST:PORT,… for several"
        }
        return problem(with: .init(at: addresses))
    }

    /// An address to listen at, of which the loopback's host may be left out.
    package static let metricsAddress = TextRule { text in
        guard PipelineConfiguration.MetricsSettings.address(text) == nil else { return nil }
        return "is '\(text)'; it has to be HOST:PORT, such as 127.0.0.1:9464, or a port of the loopback"
    }

    /// Addresses that clients connect to. Whether there are such listeners is seen when all settings are known.
    package static let advertisedAddress = TextRule { text in
        guard let addresses = NamedAddress.list(text) else {
            return
                "is '\(text)'; it has to be HOST:PORT, such as kafka.example.org:9092, or NAME://HOST:PORT,… for several "
                + "listeners"
        }
        let anywhere = ListenAddress(host: "127.0.0.1", port: 0)
        return problem(
            with: addresses.map {
                ListenerConfiguration(
                    name: $0.name ?? ListenerConfiguration.defaultName,
                    listen: anywhere,
                    advertised: $0.address
                )
            }
        )
    }

    private static func problem(with listeners: [ListenerConfiguration]) -> String? {
        var configuration = IngestorConfiguration(directory: ".")
        configuration.listeners = listeners
        return configuration.problem.map { "is refused: \($0)" }
    }
}
