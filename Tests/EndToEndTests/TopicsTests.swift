import Foundation
import PipelineTesting
import SystemPackage
import Testing

/// `hera topics` against the embedded ingestor.
@Suite(.timeLimit(.minutes(10))) struct TopicsTests {
    private struct Summary: Decodable, Equatable {
        let name: String
        let partitions: Int
        let records: Int64
    }

    private struct Details: Decodable {
        struct Partition: Decodable {
            let partition: Int32
            let endOffset: Int64
        }
        struct Setting: Decodable {
            let name: String
            let value: String?
            let isDefault: Bool
        }
        let name: String
        let partitions: [Partition]
        let settings: [Setting]
    }

    /// The commands, at one ingestor.
    private struct Topics {
        let bootstrap: String

        func run(_ arguments: String...) async throws -> ProgramResult { try await run(arguments) }

        private func run(_ arguments: [String]) async throws -> ProgramResult {
            try await runProgram(
                BuiltPackage.program(),
                arguments: ["topics"] + arguments + ["--bootstrap", bootstrap]
            )
        }

        /// What a command prints that succeeds.
        func text(_ arguments: String...) async throws -> String {
            let result = try await run(arguments)
            try #require(result.status == .exited(0), "\(arguments): \(result.errorText)")
            return result.text
        }

        func send(_ lines: String, to topic: String) async throws {
            let result = try await runProgram(
                BuiltPackage.systemProgram("kcat"),
                arguments: ["-b", bootstrap, "-P", "-t", topic, "-p", "1", "-K", ":"],
                input: Array(lines.utf8)
            )
            try #require(result.status == .exited(0), "\(result.errorText)")
        }
    }

    private func decode<Value: Decodable>(_ text: String) throws -> Value {
        try JSONDecoder().decode(Value.self, from: Data(text.utf8))
    }

    @Test func topicIsCreatedReadAndDeleted() async throws {
        try await withIngestor { bootstrap, _ in
            let topics = Topics(bootstrap: bootstrap)
            let created = try await topics.text(
                "create",
                "mine",
                "--partitions",
                "2",
                "--config",
                "retention.ms=3600000"
            )
            #expect(created == "created mine with 2 partitions\n")
            try await topics.send("a:one\nb:two\nc:three\n", to: "mine")

            let list: [Summary] = try decode(try await topics.text("list", "--json"))
            #expect(list.contains(Summary(name: "mine", partitions: 2, records: 3)))
            #expect(try await topics.text("list").split(separator: "\n").contains { $0.hasPrefix("mine ") })

            let details: Details = try decode(try await topics.text("describe", "mine", "--json"))
            #expect(details.name == "mine")
            #expect(details.partitions.map(\.endOffset) == [0, 3])
            let retention = details.settings.first { $0.name == "retention.ms" }
            #expect(retention?.value == "3600000")
            #expect(retention?.isDefault == false)
            #expect(try await topics.text("describe", "mine").hasPrefix("topic mine\n"))

            let tail = try await topics.text("tail", "mine", "--from-beginning", "--count", "2", "--key")
            #expect(tail == "a\tone\nb\ttwo\n")

            let unasked = try await topics.run("delete", "mine")
            #expect(unasked.status == .exited(64), "nobody can be asked")
            #expect(try await topics.text("delete", "mine", "--yes") == "deleted mine\n")
            let left: [Summary] = try decode(try await topics.text("list", "--json"))
            #expect(!left.contains { $0.name == "mine" })
        }
    }

    @Test func unknownTopicIsAnError() async throws {
        try await withIngestor { bootstrap, _ in
            let topics = Topics(bootstrap: bootstrap)
            for result in [
                try await topics.run("describe", "nobodys"), try await topics.run("delete", "nobodys", "--yes"),
            ] {
                #expect(result.status == .exited(1))
                #expect(result.errorText.hasPrefix("hera: "))
                #expect(result.errorText.contains("nobodys"), "\(result.errorText)")
                #expect(result.text.isEmpty)
            }
        }
    }

    @Test func topicThatExistsIsNotCreatedAgain() async throws {
        try await withIngestor { bootstrap, _ in
            let topics = Topics(bootstrap: bootstrap)
            let result = try await topics.run("create", "utenti")
            #expect(result.status == .exited(1))
            #expect(result.errorText.contains("utenti"), "\(result.errorText)")
        }
    }
}
