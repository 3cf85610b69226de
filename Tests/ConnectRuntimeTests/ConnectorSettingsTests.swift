import ConnectAPI
import ConnectConverters
import ConnectRuntime
import ConnectTransforms
import KafkaClient
import PipelineTesting
import Testing

@Suite struct ConnectorSettingsTests {
    /// The shared part of the original pipeline's connector.
    private static let original = [
        "name": "hdfs3-sink",
        "connector.class": "io.confluent.connect.hdfs3.Hdfs3SinkConnector",
        "tasks.max": "6",
        "topics": "utenti, comportamenti, premi",
        "confluent.topic.bootstrap.servers": "my-kafka:9092",
        "errors.tolerance": "all",
        "errors.deadletterqueue.topic.name": "dlq_hdfs-sink",
        "errors.deadletterqueue.topic.replication.factor": "1",
        "transforms": "dropNullRecords",
        "transforms.dropNullRecords.type": "org.apache.kafka.connect.transforms.Filter",
        "transforms.dropNullRecords.predicate": "isNullRecord",
        "predicates": "isNullRecord",
        "predicates.isNullRecord.type": "org.apache.kafka.connect.transforms.predicates.RecordIsTombstone",
        "_comment": "the last of six",
    ]

    @Test func originalsConfigurationIsUnderstood() throws {
        let values = try values(Self.original)
        let settings = try ConnectorSettings(values)
        #expect(settings.group == "connect-hdfs3-sink")
        #expect(settings.topics == ["utenti", "comportamenti", "premi"])
        #expect(values.ignored.map(\.key) == ["confluent.topic.bootstrap.servers", "tasks.max"])
        #expect(settings.tolerance == .all)
        #expect(settings.deadLetterQueue?.topic == "dlq_hdfs-sink")
        #expect(settings.deadLetterQueue?.replicationFactor == 1)
        #expect(settings.retry.timeoutMilliseconds == nil)
        #expect(settings.reset == .earliest)
        var records = SinkRecords.batch(["{}", nil])
        let pipeline = RecordPipeline(
            converter: try #require(JSONConverter()),
            transforms: try TransformationChain(values, plugins: .builtIn),
            tolerance: .all
        )
        #expect(try pipeline.process(&records).isEmpty)
        #expect(records.offsets == [0])
    }

    @Test(arguments: [
        ("errors.tolerence", "all", "did you mean 'errors.tolerance'?"),
        ("transforms.dropNullRecords.predicate", "isNullRecrod", "did you mean 'isNullRecord'?"),
        ("transforms.dropNullRecords.type", "Flatten", "is not one of Filter"),
        ("value.converter", "AvroConverter", "is not one of JsonConverter"),
        ("value.converter.schemas.enable", "true", "is not one of false"),
        ("errors.tolerance", "some", "is not one of none, all"),
    ])
    func mistakesAreNamed(key: String, value: String, words: String) throws {
        var configuration = Self.original
        configuration["connector.class"] = "RecordingConnector"
        configuration[key] = value
        let problems = ConfigurationValidation(configuration, plugins: .builtIn).problems
        #expect(problems.contains { $0.description.contains(words) }, "\(problems)")
    }

    @Test(arguments: [
        ("topics", "utenti, a/b", "has only letters"),
        ("errors.deadletterqueue.topic.name", "premi", "round for ever"),
        ("errors.deadletterqueue.topic.name", "", "without a trace"),
        ("consumer.override.auto.offset.reset", "first", "is not one of earliest, latest, none"),
    ])
    func contradictionsAreNamed(key: String, value: String, words: String) throws {
        var configuration = Self.original
        configuration[key] = value
        let values = try values(configuration)
        let error = try #require(throws: ConfigurationError.self) { try ConnectorSettings(values) }
        #expect(error.description.contains(words), "\(error)")
    }

    private func values(_ configuration: [String: String]) throws -> ConfigurationValues {
        try ConnectorDefinitions.all(
            for: configuration,
            connector: ConfigurationDefinitions([]),
            plugins: .builtIn
        ).values(of: configuration)
    }

    @Test func validationSaysWhatIsWrongWithEachSetting() throws {
        var configuration = Self.original
        configuration["connector.class"] = "RecordingConnector"
        configuration["errors.tolerance"] = "some"
        configuration["errors.tolerence"] = "all"
        configuration["flush.size"] = "0"
        configuration["transforms.dropNullRecords.predicate"] = "other"
        let validation = ConfigurationValidation(configuration, connector: RecordingConnector.self, plugins: .builtIn)
        #expect(
            Set(validation.problems.map(\.key)) == [
                "errors.tolerance", "errors.tolerence", "flush.size", "transforms.dropNullRecords.predicate",
            ]
        )
        let tolerance = try #require(validation.settings.first { $0.definition.key == "errors.tolerance" })
        #expect(tolerance.value == "some")
        #expect(tolerance.errors == ["'some' is not one of none, all"])
        #expect(tolerance.recommendedValues == ["none", "all"])
        #expect(validation.groups.prefix(4) == ["Common", "Error Handling", "Transforms", "Predicates"])
        #expect(validation.groups.contains("Transforms: dropNullRecords"))
        let type = try #require(validation.settings.first { $0.definition.key == "transforms.dropNullRecords.type" })
        #expect(type.recommendedValues.contains("org.apache.kafka.connect.transforms.Filter"))
    }

    @Test func connectorSaysWhatIsWrongBesideSingleValues() throws {
        var configuration = Self.original
        configuration["connector.class"] = "RecordingConnector"
        configuration["flush.ms"] = "13"
        let validation = ConfigurationValidation(configuration, connector: RecordingConnector.self, plugins: .builtIn)
        #expect(validation.problems.map(\.description) == ["flush.ms: '13' brings bad luck"])
        configuration["connector.class"] = "FileStreamSink"
        let other = ConfigurationValidation(configuration, connector: RecordingConnector.self, plugins: .builtIn)
        #expect(other.problems.map(\.key) == ["connector.class"])
    }

    @Test func connectorIsFoundByItsClass() {
        var configuration = Self.original
        configuration["connector.class"] = "RecordingConnector"
        configuration["flush.ms"] = "13"
        #expect(ConfigurationValidation(configuration, plugins: .builtIn).problems.map(\.key) == ["flush.ms"])
        configuration["connector.class"] = "RecordinConnector"
        let unknown = ConfigurationValidation(configuration, plugins: .builtIn)
        #expect(
            unknown.problems.map(\.description) == [
                "connector.class: 'RecordinConnector' is not known; did you mean 'RecordingConnector'?"
            ]
        )
        configuration["connector.class"] = nil
        #expect(ConfigurationValidation(configuration, plugins: .builtIn).problems.map(\.key) == ["connector.class"])
    }

    @Test func everyTaskHasTheConnectorsConfigurationWhereNothingElseIsSaid() {
        let configurations = RecordingConnector.taskConfigurations(Self.original, tasksMax: 3)
        #expect(configurations == Array(repeating: Self.original, count: 3))
    }
}
