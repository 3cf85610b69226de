import Foundation
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

    @Test func environmentOverridesTheFile() async throws {
        let environment = ["HERA_SOURCE_RATE": "9", "HERA_SINK_VISIBLE_WITHIN_MILLISECONDS": "500", "PATH": "/bin"]
        let configuration = try await load("source:\n  rate: 7\n", environment: environment)
        #expect(configuration.source.rate == 9)
        #expect(configuration.sink.visibleWithinMilliseconds == 500)
    }

    @Test(arguments: [
        ("sink:\n  flush-sise: 5\n", "unknown key 'sink.flush-sise'; did you mean 'sink.flush-size'?"),
        ("elephant:\n", "unknown key 'elephant'"),
        ("elephant: 5\n", "unknown key 'elephant'; docs/CONFIGURATION.md lists the keys"),
        ("source:\n  rate: many\n", "the setting 'source.rate' wants a whole number"),
        ("source:\n  rate: 0\n", "the setting 'source.rate' is 0; it has to be from 1 to 10000000"),
        ("ingestor:\n  flush: never\n", "it has to be one of os, interval, always"),
        ("- a\n", "it has to be a map of keys"),
        ("a: [", "cannot be read as YAML"),
    ])
    func mistakeIsExplained(yaml: String, message: String) async throws {
        let error = await #expect(throws: ConfigurationError.self) { try await load(yaml) }
        #expect(error?.description.contains(message) == true, "\(String(describing: error))")
    }

    @Test func unknownVariableIsExplained() async throws {
        let error = await #expect(throws: ConfigurationError.self) {
            try await load("", environment: ["HERA_SOURCE_RAET": "1"])
        }
        #expect(error?.description == "environment: unknown key 'HERA_SOURCE_RAET'; did you mean 'HERA_SOURCE_RATE'?")
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
