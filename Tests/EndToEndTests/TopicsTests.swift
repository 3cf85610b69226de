import Foundation
import PipelineTesting
import SystemPackage
import Testing

/// `hera topics` against the embedded ingestor.
@Suite(.timeLimit(.minutes(20))) struct TopicsTests {
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
        func text(_ arguments: String...) async throws -> String { try await text(arguments) }

        func text(_ arguments: [String]) async throws -> String {
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
            #expect(unasked.status == .exited(64), "it cannot ask")
            #expect(try await topics.text("delete", "mine", "--yes") == "deleted mine\n")
            let left: [Summary] = try decode(try await topics.text("list", "--json"))
            #expect(!left.contains { $0.name == "mine" })
        }
    }

    @Test func recordOnATerminalIsOneLineAndNoCommand() async throws {
        try await withIngestor { bootstrap, _ in
            let topics = Topics(bootstrap: bootstrap)
            _ = try await topics.text("create", "mine", "--partitions", "2")
            let sent = try await runProgram(
                BuiltPackage.systemProgram("kcat"),
                arguments: ["-b", bootstrap, "-P", "-t", "mine", "-p", "1", "-D", "|", "-H", "h=\u{1B}[1m"],
                input: Array("\u{1B}]0;owned\u{7}first\nsecond".utf8)
            )
            try #require(sent.status.isSuccess, "\(sent.errorText)")
            let tail = ["tail", "mine", "--from-beginning", "--count", "1", "--headers"]
            let raw = try await topics.text(tail)
            #expect(raw == "h=\u{1B}[1m\t\u{1B}]0;owned\u{7}first\nsecond\n", "a pipe gets the bytes")
            let shown = #"h=\u{1b}[1m"# + "\t" + #"\u{1b}]0;owned\u{07}first\nsecond"#
            #expect(try await topics.text(tail + ["--escape"]) == shown + "\n")

            let command = (["$HERA", "topics"] + tail + ["--bootstrap", bootstrap]).joined(separator: " ")
            let terminal = try await runProgram(
                BuiltPackage.systemProgram("script"),
                arguments: ["-qec", command, "/dev/null"],
                environment: ["HERA": try BuiltPackage.program().string]
            )
            #expect(terminal.text.trimmingCharacters(in: .whitespacesAndNewlines) == shown)
            let json = try await topics.text(["tail", "mine", "--from-beginning", "--count", "1", "--json"])
            #expect(
                json.contains(#""headers":[{"name":"h","value":"\u001b[1m"}],"key":null,"offset":0,"partition":1,"#)
            )
        }
    }

    /// As `head` does.
    @Test func tailEndsWithItsReader() async throws {
        try await withIngestor { bootstrap, _ in
            let topics = Topics(bootstrap: bootstrap)
            _ = try await topics.text("create", "mine", "--partitions", "2")
            try await topics.send((0..<20_000).map { "key:\($0)\n" }.joined(), to: "mine")
            let program = try BuiltPackage.program()
            let result = try await runProgram(
                "/bin/bash",
                arguments: [
                    "-c",
                    "set -o pipefail; \(program) topics tail mine --from-beginning --bootstrap \(bootstrap) | head -n 2",
                ]
            )
            #expect(result.status == .exited(0), "\(result.errorText)")
            #expect(result.text == "0\n1\n")
        }
    }

    @Test func clusterStandsInTheConfiguration() async throws {
        try await withIngestor { bootstrap, data in
            let file = data.appending("hera.yaml").string
            try "client:\n  bootstrap.servers: \(bootstrap)\n  client.rack: here\n".write(
                toFile: file,
                atomically: true,
                encoding: .utf8
            )
            let hera = try BuiltPackage.program()
            let list = try await runProgram(hera, arguments: ["topics", "list", "--json"], workingDirectory: data)
            #expect(list.text.contains("utenti"), "\(list.errorText)")
            let named = try await runProgram(hera, arguments: ["topics", "list", "--config-file", file])
            #expect(named.text.contains("utenti"), "\(named.errorText)")
            for command in [
                ["topics", "list"], ["source", bootstrap, "1", "--count", "0"],
            ] {
                let refused = try await runProgram(
                    hera,
                    arguments: command + ["-X", "ssl.key.password=hunter2", "-X", "security.protocl=ssl"],
                    workingDirectory: data
                )
                #expect(refused.status == .exited(1))
                #expect(refused.errorText.contains("'security.protocl', did you mean 'security.protocol'?"))
                #expect(!refused.errorText.contains("hunter2"))
            }
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
