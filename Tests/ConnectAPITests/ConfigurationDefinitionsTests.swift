import ConnectAPI
import Testing

@Suite struct ConfigurationDefinitionsTests {
    private static let definitions = ConfigurationDefinitions(
        [
            .required("topics", .list, .notEmpty, "The topics."),
            ConfigurationDefinition("flush.size", .int, default: "1000", .atLeast(1), "Records a file."),
            ConfigurationDefinition("rotate.interval.ms", .long, default: nil, "A time."),
            ConfigurationDefinition("on", .boolean, default: "true", "A switch."),
            ConfigurationDefinition("mode", .string, default: "a", .oneOf(["a", "b"]), "A word."),
            ConfigurationDefinition("secret", .password, default: nil, .oneOf(["correct"]), "A secret."),
            .ignored("hadoop.home", because: "there is no Hadoop here"),
            .ignored("store.url", .oneOf(["here"]), because: "there is one place only"),
        ],
        openPrefixes: ["consumer.override."]
    )

    @Test func defaultsAreFilledIn() throws {
        let values = try Self.definitions.values(of: ["topics": "utenti, comportamenti ,premi"])
        #expect(values.list("topics") == ["utenti", "comportamenti", "premi"])
        #expect(values.integer("flush.size") == 1000)
        #expect(values.integer("rotate.interval.ms") == nil)
        #expect(values.boolean("on"))
        #expect(values.text("mode") == "a")
    }

    @Test(arguments: [
        (
            "rotate.intreval.ms", "1",
            "rotate.intreval.ms: is not a setting of this connector; did you mean 'rotate.interval.ms'?"
        ),
        ("fulsh.size", "1", "fulsh.size: is not a setting of this connector; did you mean 'flush.size'?"),
        ("flush.size", "many", "flush.size: 'many' is not an integer between -2147483648 and 2147483647"),
        ("flush.size", "0", "flush.size: '0' is less than 1"),
        ("flush.size", "3000000000", "flush.size: '3000000000' is not an integer between -2147483648 and 2147483647"),
        ("on", "yes", "on: 'yes' is neither true nor false"),
        ("mode", "c", "mode: 'c' is not one of a, b"),
        ("store.url", "there", "store.url: 'there' is not one of here"),
        ("topics", " , ", "topics: ',' is empty"),
        (
            "consumer.override.", "1",
            "consumer.override.: is not a setting of this connector; remove it, or begin its name with '_' to keep it as a comment"
        ),
    ])
    func whatIsWrongIsSaid(key: String, value: String, message: String) throws {
        var configuration = ["topics": "utenti"]
        configuration[key] = value
        let error = try #require(throws: ConfigurationError.self) {
            try Self.definitions.values(of: configuration)
        }
        #expect(error.description == message)
    }

    @Test func everythingThatIsWrongIsSaidAtOnce() throws {
        let error = try #require(throws: ConfigurationError.self) {
            try Self.definitions.values(of: ["mode": "c", "on": "1"])
        }
        #expect(error.problems.map(\.key) == ["mode", "on", "topics"])
    }

    @Test func secretsAreNotRepeated() throws {
        let error = try #require(throws: ConfigurationError.self) {
            try Self.definitions.values(of: ["topics": "t", "secret": "hunter2"])
        }
        #expect(!error.description.contains("hunter2"))
    }

    @Test func commentsAndVendorsKeysAreNoErrors() throws {
        let values = try Self.definitions.values(of: [
            "topics": "t", "_comment": "anything", "confluent.topic.bootstrap.servers": "k:9092",
            "hadoop.home": "/opt/hadoop", "store.url": "here",
        ])
        #expect(values.ignored.map(\.key) == ["confluent.topic.bootstrap.servers", "hadoop.home", "store.url"])
    }

    @Test func openFamiliesAreHandedOn() throws {
        let values = try Self.definitions.values(of: ["topics": "t", "consumer.override.fetch.min.bytes": " 1 "])
        #expect(values.settings(withPrefix: "consumer.override.") == ["fetch.min.bytes": "1"])
    }

    @Test func laterDefinitionsReplaceEarlierOnes() throws {
        let merged = Self.definitions.merging(
            ConfigurationDefinitions([ConfigurationDefinition("flush.size", .int, default: "5", "Another.")])
        )
        #expect(try merged.values(of: ["topics": "t"]).integer("flush.size") == 5)
        #expect(merged.definitions.filter { $0.key == "flush.size" }.count == 1)
    }

    @Test func validationShowsSettingsAsFormsDo() throws {
        let definitions = ConfigurationDefinitions(
            ConfigurationDefinition.group(
                "Login",
                [
                    .required("user", .string, .notEmpty, "Who.").shown(.high, .medium, "User", dependents: ["secret"]),
                    ConfigurationDefinition("secret", .password, default: nil, "A secret.")
                        .shown(.medium, .short, "Secret") { $0["user"] != nil },
                ]
            ) + [ConfigurationDefinition("mode", .string, default: "a", .oneOf(["a", "b"]), "A word.")]
        )
        let validation = definitions.validate(["secret": "hunter2", "mode": "c", "moed": "a"])
        #expect(validation.groups == ["Login"])
        #expect(validation.problems.map(\.key) == ["mode", "moed", "user"])
        let settings = validation.settings
        #expect(settings.map(\.definition.key) == ["user", "secret", "mode"])
        #expect(settings.map(\.definition.orderInGroup) == [1, 2, -1])
        #expect(settings.map(\.definition.importance) == [.high, .medium, .low])
        #expect(settings.map(\.definition.width) == [.medium, .short, .none])
        #expect(settings.map(\.definition.displayName) == ["User", "Secret", "mode"])
        #expect(settings.map(\.definition.dependents) == [["secret"], [], []])
        #expect(settings.map(\.value) == [nil, "[hidden]", "c"])
        #expect(settings.map(\.errors) == [["is missing. Who."], [], ["'c' is not one of a, b"]])
        #expect(settings.map(\.recommendedValues) == [[], [], ["a", "b"]])
        #expect(settings.map(\.isVisible) == [true, false, true])
    }

    @Test func settingUnderAPrefixNamesItsDependentsThere() {
        let setting = ConfigurationDefinition("a", .string, default: nil, "A word.")
            .shown(.high, .long, "A", dependents: ["b"]).prefixed("transforms.t.")
        #expect(setting.key == "transforms.t.a")
        #expect(setting.displayName == "A")
        #expect(setting.dependents == ["transforms.t.b"])
    }
}
