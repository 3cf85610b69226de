import ConnectAPI
import Foundation
import HDFSSink
import KafkaTopics
import Testing

@Suite struct HDFSSinkSettingsTests {
    private func settings(_ configuration: [String: String]) throws -> HDFSSinkSettings {
        try HDFSSinkSettings(HDFSSinkDefinitions.all.values(of: configuration))
    }

    /// What the original's connector says of the sink, but for its HDFS.
    static let original = [
        "store.url": "file:///srv/hera",
        "hadoop.conf.dir": "/etc/hadoop", "hadoop.home": "/opt/hadoop",
        "confluent.topic.bootstrap.servers": "my-kafka:9092",
        "logs.dir": "/tmp",
        "partitioner.class": "io.confluent.connect.storage.partitioner.TimeBasedPartitioner",
        "path.format": "YYYY/MM/dd/HH",
        "partition.duration.ms": "600000",
        "locale": "fr-FR", "timezone": "Europe/Paris",
        "flush.size": "500000",
        "format.class": "io.confluent.connect.hdfs3.json.JsonFormat",
        "topics.dir": "/HeraSDG/raw_data",
        "file.delim": "_",
        "filename.offset.zero.pad.width": "10",
        "_comment": "as often as one likes",
    ]

    @Test func originalsConfigurationIsTakenAsItIs() throws {
        let settings = try settings(Self.original)
        #expect(settings.topicsDirectory == "HeraSDG/raw_data")
        #expect(settings.logsDirectory == "tmp")
        #expect(settings.fileDelimiter == "_")
        #expect(settings.offsetDigits == 10)
        #expect(settings.extractor == .wallclock)
        #expect(settings.rotation.flushSize == 500_000)
        #expect(settings.rotation.intervalMilliseconds == nil)
        var partitioner = settings.partitioner
        #expect(partitioner.directory(at: 1_616_583_599_000) == "2021/03/24/11")
    }

    @Test func whatHasNoUseIsMentioned() throws {
        let values = try HDFSSinkDefinitions.all.values(of: Self.original)
        let keys = Set(values.ignored.map(\.key))
        #expect(keys == ["store.url", "hadoop.conf.dir", "hadoop.home", "confluent.topic.bootstrap.servers"])
    }

    @Test(arguments: ["_logs", "topics/_logs", "topics/+logs/deeper", "topics-logs", "top"])
    func logsMayLieBesideTheTopicsOrHidden(directory: String) throws {
        #expect(try settings(["topics.dir": "topics", "logs.dir": directory]).logsDirectory == directory)
    }

    /// The day of the zone ends at its own midnight, on those days as well on which its clocks are changed.
    @Test(arguments: [
        ("2021-03-24T10:59:50Z", "2021-03-24T23:00:00Z"),
        ("2025-03-29T23:30:00Z", "2025-03-30T22:00:00Z"),
        ("2025-10-25T22:30:00Z", "2025-10-26T23:00:00Z"),
    ])
    func scheduleIsOnTheClockOfTheZone(now: String, midnight: String) throws {
        let rotation = try settings([
            "timezone": "Europe/Rome", "rotate.schedule.interval.ms": "86400000", "visible.within.ms": "-1",
        ]).rotation
        var policy = RotationPolicy(rotation, retentionMilliseconds: nil)
        let (start, end) = (try moment(now), try moment(midnight))
        policy.took(rows: 1, bytes: 1, leastTimestamp: 0, greatestTimestamp: 0, spanEnd: .min, now: Moment(at: start))
        #expect(policy.deadline(now: start) == end)
        #expect(policy.dueReason(now: end) == .schedule)
    }

    private func moment(_ text: String) throws -> Timestamp {
        let date = try #require(ISO8601DateFormatter().date(from: text))
        return Timestamp(milliseconds: Int64(date.timeIntervalSince1970 * 1000))
    }

    @Test(arguments: [
        ("Record", TimestampExtractor.record), ("Wallclock", .wallclock),
        ("io.confluent.connect.storage.partitioner.TimeBasedPartitioner$RecordTimestampExtractor", .record),
    ])
    func extractorIsFound(name: String, extractor: TimestampExtractor) throws {
        let settings = try settings(["timestamp.extractor": name, "rotate.interval.ms": "5"])
        #expect(settings.extractor == extractor)
        #expect(settings.rotation.intervalClock == (extractor == .record ? .records : .wall))
    }

    @Test(arguments: [
        ("HourlyPartitioner", "year=2021/month=03/day=24/hour=10"),
        ("io.confluent.connect.storage.partitioner.DailyPartitioner", "year=2021/month=03/day=24"),
    ])
    func presetsHaveTheirOwnFormat(name: String, path: String) throws {
        var partitioner = try settings(["partitioner.class": name]).partitioner
        #expect(partitioner.directory(at: 1_616_583_599_000) == path)
    }

    @Test(arguments: [
        ("flush.sise", "5", "flush.size"), ("flush.size", "0", "flush.size"), ("path.format", "YYYY/bb", "path.format"),
        ("timezone", "Europe/Atlantis", "timezone"), ("topics.dir", "a/../b", "topics.dir"),
        ("hdfs.authentication.kerberos", "true", "kerberos"), ("hive.integration", "true", "hive"),
        ("format.class", "AvroFormat", "format.class"), ("file.delim", "/", "file.delim"),
        ("timestamp.extractor", "RecordField", "timestamp.extractor"), ("logs.dir", "/topics", "logs.dir"),
        ("logs.dir", "topics/logs", "logs.dir"), ("topics.dir", "../\u{301}x", "topics.dir"),
        ("hdfs.url", "hdfs://my-hdfs-namenodes:8020", "hdfs.url"), ("store.url", "s3://bucket", "store.url"),
    ])
    func mistakeNamesItsSetting(key: String, value: String, named: String) throws {
        let error = #expect(throws: ConfigurationError.self) { try settings([key: value]) }
        #expect(error?.description.contains(named) == true, "\(String(describing: error))")
    }

    @Test func explanationSaysWhatTheSettingsDo() throws {
        let values = try HDFSSinkDefinitions.all.values(of: [
            "topics.dir": "raw", "logs.dir": "logs", "partitioner.class": "HourlyPartitioner",
            "timestamp.extractor": "Record", "timezone": "Europe/Rome", "flush.size": "1000",
            "rotate.size.bytes": "-1", "rotate.schedule.interval.ms": "60000",
        ])
        #expect(HDFSSinkConnector.problems(with: values).isEmpty)
        #expect(
            HDFSSinkConnector.explanation(of: values) == [
                """
                Files the records of each topic as JSON lines under raw/<topic>; a file's name says topic, partition, \
                first and last offset, with '+' between them.
                """,
                """
                A record's directory is 'year'=YYYY/'month'=MM/'day'=dd/'hour'=HH, by the record's timestamp in Kafka \
                in the time zone Europe/Rome.
                """,
                """
                What a partition holds is filed as soon as it has 1,000 records, or the clock reaches a multiple of \
                60,000 ms, or 300,000 ms have passed since its first record, also when no other comes.
                """,
                "Each commit is recorded under logs; a record is filed exactly once.",
            ]
        )
    }

    @Test func connectorNamesWhatIsWrongBesideSingleValues() throws {
        let values = try HDFSSinkDefinitions.all.values(of: ["topics.dir": "raw", "logs.dir": "raw/logs"])
        #expect(HDFSSinkConnector.problems(with: values).map(\.key) == ["logs.dir"])
        let setting = try #require(HDFSSinkDefinitions.all["path.format"])
        #expect(setting.isVisible(in: [:]))
        #expect(!setting.isVisible(in: ["partitioner.class": "HourlyPartitioner"]))
    }
}
