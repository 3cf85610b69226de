import Foundation
import PipelineTesting
import SystemPackage
import Testing

/// `hera topics partitions`, `configs`, `alter` and `records`: the real program, at an ingestor of its own.
@Suite(.timeLimit(.minutes(20))) struct TopicsChangeTests {
    private struct Topics {
        let bootstrap: String

        func run(_ arguments: String...) async throws -> ProgramResult {
            try await runProgram(
                BuiltPackage.program(),
                arguments: ["topics"] + arguments + ["--bootstrap", bootstrap]
            )
        }

        /// What a command prints that succeeds.
        func text(_ arguments: String...) async throws -> String {
            let result = try await runProgram(
                BuiltPackage.program(),
                arguments: ["topics"] + arguments + ["--bootstrap", bootstrap]
            )
            try #require(result.status == .exited(0), "\(arguments): \(result.errorText)")
            return result.text
        }

        func send(_ count: Int, to topic: String, partition: Int) async throws {
            let result = try await runProgram(
                BuiltPackage.systemProgram("kcat"),
                arguments: ["-b", bootstrap, "-P", "-t", topic, "-p", "\(partition)"],
                input: Array((0..<count).map { "\($0)\n" }.joined().utf8)
            )
            try #require(result.status == .exited(0), "\(result.errorText)")
        }
    }

    @Test func partitionsAreAdded() async throws {
        try await withIngestor { bootstrap, _ in
            let topics = Topics(bootstrap: bootstrap)
            _ = try await topics.text("create", "mine", "--partitions", "1")
            #expect(try await topics.text("partitions", "mine", "3") == "mine has 3 partitions now\n")
            try await topics.send(2, to: "mine", partition: 2)
            let fewer = try await topics.run("partitions", "mine", "2")
            #expect(fewer.status == .exited(1))
            #expect(fewer.errorText.contains("3 partitions"), "\(fewer.errorText)")
            let missing = try await topics.run("partitions", "nowhere", "2")
            #expect(missing.status == .exited(1))
            #expect(missing.errorText.contains("nowhere"), "\(missing.errorText)")
            let command = "`hera topics list --bootstrap \(bootstrap)`"
            #expect(missing.errorText.contains(command), "it works as printed: \(missing.errorText)")
        }
    }

    @Test func settingsAreAltered() async throws {
        try await withIngestor { bootstrap, _ in
            let topics = Topics(bootstrap: bootstrap)
            _ = try await topics.text(
                "create",
                "mine",
                "--config",
                "retention.ms=5000",
                "--config",
                "segment.bytes=70000"
            )
            let tried = try await topics.text("alter", "mine", "--config", "retention.ms=9000", "--dry-run")
            #expect(tried.contains("9000") && tried.contains("dry run"))
            #expect(try await chosen(topics) == ["retention.ms": "5000", "segment.bytes": "70000"])
            let done = try await topics.text(
                "alter",
                "mine",
                "--config",
                "max.message.bytes=1000",
                "--delete",
                "retention.ms"
            )
            #expect(done.split(separator: "\n").count == 3, "a header and two changes: \(done)")
            #expect(try await chosen(topics) == ["max.message.bytes": "1000", "segment.bytes": "70000"])
            let wrong = try await topics.run("alter", "mine", "--config", "retention.ms=long")
            #expect(wrong.status == .exited(1))
            #expect(wrong.errorText.contains("retention.ms"), "\(wrong.errorText)")
            #expect(try await chosen(topics) == ["max.message.bytes": "1000", "segment.bytes": "70000"])
            let checked = try await topics.run("alter", "mine", "--config", "retention.ms=long", "--dry-run")
            #expect(checked.status == .exited(1), "a dry run finds that out too")
            let unknown = try await topics.run("alter", "mine", "--delete", "retention")
            #expect(unknown.status == .exited(1))
            #expect(unknown.errorText.contains("no setting 'retention'"), "\(unknown.errorText)")
            #expect(try await topics.run("alter", "mine").status == .exited(64))
        }
    }

    private func chosen(_ topics: Topics) async throws -> [String: String] {
        struct Setting: Decodable {
            let name: String
            let value: String
        }
        let text = try await topics.text("configs", "mine", "--chosen", "--json")
        let settings = try JSONDecoder().decode([Setting].self, from: Data(text.utf8))
        return Dictionary(uniqueKeysWithValues: settings.map { ($0.name, $0.value) })
    }

    @Test func recordsAreDeleted() async throws {
        try await withIngestor { bootstrap, _ in
            let topics = Topics(bootstrap: bootstrap)
            _ = try await topics.text("create", "mine", "--partitions", "2")
            for partition in [0, 1] { try await topics.send(5, to: "mine", partition: partition) }
            let unasked = try await topics.run("records", "mine", "--all")
            #expect(unasked.status == .exited(64))
            let tried = try await topics.text("records", "mine", "--before-offset", "3", "--dry-run")
            #expect(tried.contains("dry run"))
            let first = try await topics.text("records", "mine:0", "--before-offset", "3", "--yes")
            #expect(first.hasSuffix("\n3 records of mine deleted\n"), "\(first)")
            let rest = try await topics.text("tail", "mine", "--from-beginning", "--count", "7")
            #expect(rest.split(separator: "\n").sorted() == ["0", "1", "2", "3", "3", "4", "4"])
            let all = try await topics.text("records", "mine", "--all", "--yes")
            #expect(all.hasSuffix("\n7 records of mine deleted\n"), "\(all)")
            let again = try await topics.text("records", "mine", "--all")
            #expect(again.hasSuffix("\n0 records of mine deleted\n"), "nothing is left to ask about: \(again)")
            let missing = try await topics.run("records", "mine:7", "--all", "--yes")
            #expect(missing.status == .exited(1))
            #expect(missing.errorText.contains("no partition 7"), "\(missing.errorText)")
            let command = "`hera topics describe mine --bootstrap \(bootstrap)`"
            #expect(missing.errorText.contains(command), "it works as printed: \(missing.errorText)")
        }
    }
}
