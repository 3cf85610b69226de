import Foundation
import Ingestor
import NIOCore
import Pipeline
import PipelineTesting
import SystemPackage
import Testing

@Suite struct ConfigurationTests {
    /// Loads from a file with this text.
    private func load(_ yaml: String, environment: [String: String] = [:]) async throws -> PipelineConfiguration {
        try await withTemporaryDirectory { folder in
            let path = folder.appending("hera.yaml").string
            try yaml.write(toFile: path, atomically: true, encoding: .utf8)
            return try await PipelineConfiguration.load(file: path, environment: environment)
        }
    }

    @Test func emptyFileGivesTheDefaults() async throws {
        #expect(try await load("") == PipelineConfiguration())
    }

    @Test func sectionMayHaveAllItsKeysCommentedOut() async throws {
        #expect(try await load("source:\n  # rate: 7\n") == PipelineConfiguration())
        #expect(try await load("source:\n  # rate: 7\ndata: d\n").data == "d")
    }

    @Test func fileOverridesDefaults() async throws {
        let configuration = try await load("data: d\nsource:\n  rate: 7\ningestor:\n  auto-create-topics: false\n")
        #expect(configuration.data == "d")
        #expect(configuration.source.rate == 7)
        #expect(!configuration.ingestor.autoCreateTopics)
        #expect(configuration.source.initialSize == PipelineConfiguration().source.initialSize)
    }

    @Test func offsetsAreKeptAsLongAsTheConfigurationSays() async throws {
        let usual = try IngestorConfiguration(try await load(""))
        #expect(usual.limits.offsetsRetention == IngestorLimits().offsetsRetention)
        let longest = try await load("ingestor:\n  offsets-retention-minutes: 52560000\n")
        #expect(try IngestorConfiguration(longest).limits.offsetsRetentionMinutes == 52_560_000)
    }

    @Test func groupsChangeTheirProtocolAsTheConfigurationSays() async throws {
        #expect(try IngestorConfiguration(try await load("")).groups.migrationPolicy == .bidirectional)
        let upgrade = try await load("ingestor:\n  group-migration-policy: upgrade\n")
        #expect(try IngestorConfiguration(upgrade).groups.migrationPolicy == .upgrade)
    }

    @Test func newGroupsWaitForMembersAsTheConfigurationSays() async throws {
        let usual = GroupSettings().initialRebalanceDelay
        #expect(try IngestorConfiguration(try await load("")).groups.initialRebalanceDelay == usual)
        let asKafka = try await load("ingestor:\n  group-initial-rebalance-milliseconds: 3000\n")
        #expect(try IngestorConfiguration(asKafka).groups.initialRebalanceDelay == .seconds(3))
    }

    @Test func environmentOverridesTheFile() async throws {
        let environment = ["HERA_SOURCE_RATE": "9", "HERA_SINK_VISIBLE_WITHIN_MILLISECONDS": "500", "PATH": "/bin"]
        let configuration = try await load("source:\n  rate: 7\n", environment: environment)
        #expect(configuration.source.rate == 9)
        #expect(configuration.sink.visibleWithinMilliseconds == 500)
    }

    @Test(arguments: [
        ("sink:\n  flush-sise: 5\n", ":2: unknown key 'sink.flush-sise'; did you mean 'sink.flush-size'?"),
        ("elephant:\n", ":1: unknown key 'elephant'"),
        ("elephant: 5\n", "unknown key 'elephant'; docs/CONFIGURATION.md lists the keys"),
        ("data: d\nsource:\n  rate: many\n", ":3: the setting 'source.rate' is 'many'; it has to be a number from 1"),
        ("source:\n  rate: 0\n", "the setting 'source.rate' is '0'; it has to be a number from 1 to 10000000"),
        ("source:\n  rate: [7]\n", ":2: the setting 'source.rate' needs one value"),
        ("source:\n  rate:\n", ":2: the setting 'source.rate' needs one value"),
        ("source: 7\n", ":1: unknown key 'source'"),
        ("data: {x: 7}\n", ":1: unknown key 'data.x'"),
        ("ingestor:\n  flush: never\n", "the setting 'ingestor.flush' is 'never'; it has to be one of os, interval"),
        ("ingestor:\n  auto-create-topics: perhaps\n", "it has to be true or false"),
        ("ingestor:\n  listen: localhost\n", "'ingestor.listen' is 'localhost'; it has to be HOST:PORT"),
        ("ingestor:\n  listen: h:99999\n", "it has to be HOST:PORT"),
        ("ingestor:\n  advertise: kafka\n", "'ingestor.advertise' is 'kafka'; it has to be HOST:PORT"),
        ("ingestor:\n  advertise: kafka:0\n", ":2: the setting 'ingestor.advertise' is refused: clients cannot"),
        ("permissions: 0644\n", "the setting 'permissions' is '0644'; it has to be one of private, group, system"),
        ("sink:\n  name: a/b\n", ":2: the setting 'sink.name' is 'a/b'"),
        ("sink:\n  name: ..\n", "the setting 'sink.name' is '..'"),
        ("sink:\n  topics-dir: ../raw\n", ":2: the setting 'sink.topics-dir' is '../raw'"),
        ("sink:\n  logs-dir: /\n", "the setting 'sink.logs-dir' is '/'"),
        ("sink:\n  logs-dir: HeraSDG/raw_data/logs\n", ":2: the setting 'sink.logs-dir' is refused"),
        ("sink:\n  timezone: Europe/Rom\n", ":2: the setting 'sink.timezone' is refused"),
        ("sink:\n  locale: xx-no\n", ":2: the setting 'sink.locale' is refused"),
        ("sink:\n  path-format: QQQ\n", ":2: the setting 'sink.path-format' is refused"),
        ("client:\n  security.protocl: ssl\n", ":2: the setting 'client.security.protocl' is refused"),
        ("client:\n  bootstrap.servers: broker\n", "'client.bootstrap.servers' is 'broker'; it has to be HOST:PORT"),
        ("client:\n  bootstrap.servers:\n", "'client.bootstrap.servers' needs one value"),
        ("- a\n", "it has to be a map of keys"),
        ("a: [", "cannot be read as YAML"),
        ("a: \u{0}", "cannot be read as YAML"),
    ])
    func mistakeIsExplained(yaml: String, message: String) async throws {
        let error = await #expect(throws: ConfigurationError.self) { try await load(yaml) }
        #expect(error?.description.contains(message) == true, "\(String(describing: error))")
        #expect(error?.description.contains("hera.yaml") == true, "\(String(describing: error))")
    }

    /// Every setting that is a text, in the file and in the environment.
    @Test(arguments: Setting.all.map(\.key))
    func emptyValueIsRefused(key: String) async throws {
        let setting = try #require(Setting.named(key))
        let words = key.split(separator: ".")
        let yaml = words.count == 1 ? "\(key): ''\n" : "\(words[0]):\n  \(words[1]): ''\n"
        let inFile = await #expect(throws: ConfigurationError.self) { try await load(yaml) }
        #expect(inFile?.description.contains("the setting '\(key)' is") == true, "\(String(describing: inFile))")
        let variable = setting.environmentVariable
        let inEnvironment = await #expect(throws: ConfigurationError.self) {
            try await load("", environment: [variable: ""])
        }
        #expect(
            inEnvironment?.description.hasPrefix("\(variable): the setting '\(key)' is") == true,
            "\(String(describing: inEnvironment))"
        )
    }

    @Test(arguments: ["~", "~/hera"])
    func homeDirectoryIsNotGuessed(path: String) async throws {
        let error = await #expect(throws: ConfigurationError.self) { try await load("data: '\(path)'\n") }
        #expect(error?.description.contains("write the whole path") == true, "\(String(describing: error))")
    }

    @Test func valueOfTheFileIsCheckedThoughTheEnvironmentOverridesIt() async throws {
        await #expect(throws: ConfigurationError.self) {
            try await load("source:\n  rate: no\n", environment: ["HERA_SOURCE_RATE": "5"])
        }
    }

    @Test func wrongVariableIsNamed() async throws {
        let error = await #expect(throws: ConfigurationError.self) {
            try await load("", environment: ["HERA_SINK_TIMEZONE": "Europe/Rom"])
        }
        #expect(
            error?.description.hasPrefix("HERA_SINK_TIMEZONE: the setting 'sink.timezone' is refused") == true,
            "\(String(describing: error))"
        )
    }

    /// What Kubernetes puts into a pod beside services named `hera`, `hera-data` and `hera-client`.
    @Test func variablesOfOthersAreIgnoredWithOneNotice() async throws {
        var notices: [String] = []
        let environment = [
            "HERA_PORT": "tcp://10.0.0.7:9092", "HERA_SERVICE_HOST": "10.0.0.7", "HERA_SERVICE_PORT": "9092",
            "HERA_PORT_9092_TCP": "tcp://10.0.0.7:9092", "HERA_DATA_PORT": "tcp://10.0.0.8:1",
            "HERA_DATA_SERVICE_HOST": "10.0.0.8", "HERA_CLIENT_SERVICE_HOST": "10.0.0.9",
            "HERA_CLIENT_PORT_1_TCP_ADDR": "10.0.0.9", "HERA_SOURCE_RAET": "1",
        ]
        let configuration = try await PipelineConfiguration.load(file: nil, environment: environment) {
            notices.append($0)
        }
        #expect(configuration == PipelineConfiguration())
        #expect(notices.count == 1)
        for name in environment.keys { #expect(notices.first?.contains(name) == true, "\(name): \(notices)") }
        #expect(notices.first?.contains("HERA_SOURCE_RAET (did you mean HERA_SOURCE_RATE?)") == true)
        #expect(notices.first?.contains("10.0.0") == false, "values are not repeated: they may be secrets")
    }

    @Test func noticeIsBounded() async throws {
        var notice = ""
        let environment = Dictionary((0..<5000).map { ("HERA_PORT_\($0)_TCP", "x") }) { $1 }
        _ = try await PipelineConfiguration.load(file: nil, environment: environment) { notice = $0 }
        #expect(notice.utf8.count < 1000)
        #expect(notice.hasSuffix(" and 4988 more"))
    }

    @Test func clientPropertiesAreTakenAsTheyAreWritten() async throws {
        let yaml = """
            client:
              bootstrap.servers: a:9093,b:9093
              security.protocol: sasl_ssl
              sasl:
                password: 0123
              enable.ssl.certificate.verification: false
            """
        let client = try await load(yaml, environment: ["HERA_CLIENT_SASL_USERNAME": "hera"]).client
        #expect(client.bootstrap == "a:9093,b:9093")
        #expect(
            client.properties == [
                "security.protocol": "sasl_ssl", "sasl.password": "0123", "sasl.username": "hera",
                "enable.ssl.certificate.verification": "false",
            ]
        )
    }

    @Test func secretIsNotRepeated() async throws {
        let error = await #expect(throws: ConfigurationError.self) {
            try await load("client:\n  sasl.pasword: hunter2\n")
        }
        #expect(error?.description.contains("'sasl.pasword'") == true)
        #expect(error?.description.contains("hunter2") == false, "\(String(describing: error))")
        let configuration = try await load("client:\n  sasl.password: hunter2\n")
        for text in ["\(configuration)", String(reflecting: configuration), "\(configuration.client)"] {
            #expect(!text.contains("hunter2"))
            #expect(text.contains("sasl.password"))
        }
    }

    @Test(arguments: [
        ("", "127.0.0.1:9092"), ("ingestor:\n  listen: 0.0.0.0:9192\n", "127.0.0.1:9192"),
        ("ingestor:\n  listen: '[::]:9192'\n", "127.0.0.1:9192"),
        ("ingestor:\n  listen: kafka:9192\nclient:\n  bootstrap.servers: b:1\n", "b:1"),
    ])
    func commandsFindTheBroker(yaml: String, address: String) async throws {
        #expect(try await load(yaml).clientBootstrap == address)
    }

    @Test func unreadableFileIsExplained() async throws {
        try await withTemporaryDirectory { folder in
            let error = await #expect(throws: ConfigurationError.self) {
                try await PipelineConfiguration.load(file: folder.string, environment: [:])
            }
            #expect(error?.description.contains("Is a directory") == true, "\(String(describing: error))")
            let large = folder.appending("large.yaml").string
            try String(repeating: "# ", count: 1 << 20).write(toFile: large, atomically: false, encoding: .utf8)
            let second = await #expect(throws: ConfigurationError.self) {
                try await PipelineConfiguration.load(file: large, environment: [:])
            }
            #expect(second?.description.contains("larger than") == true, "\(String(describing: second))")
        }
    }

    @Test func namedFileHasToExist() async {
        await #expect(throws: ConfigurationError.self) {
            try await PipelineConfiguration.load(file: "/nowhere/hera.yaml", environment: [:])
        }
    }

    @Test func everyKeyIsDocumented() throws {
        let page = try String(
            contentsOfFile: BuiltPackage.root().appending("docs/CONFIGURATION.md").string,
            encoding: .utf8
        )
        for setting in Setting.all {
            #expect(page.contains("| `\(setting.key)` | "), "docs/CONFIGURATION.md does not tell of \(setting.key)")
        }
    }
}
