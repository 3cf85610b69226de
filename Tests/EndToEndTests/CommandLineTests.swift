import Foundation
import PipelineTesting
import SystemPackage
import Testing

/// What every command has in common: how it takes wrong words, says what it has to say, and treats the environment.
@Suite(.timeLimit(.minutes(20))) struct CommandLineTests {
    /// Runs a line of the shell, with the program as `$HERA`.
    private func shell(_ line: String, environment: [String: String?] = [:], in folder: FilePath? = nil) async throws
        -> ProgramResult
    {
        var all = environment
        all["HERA"] = .some(try BuiltPackage.program().string)
        return try await runProgram("/bin/bash", arguments: ["-c", line], environment: all, workingDirectory: folder)
    }

    @Test(arguments: [
        ("tpoics", "'hera tpoics' is not a command; did you mean 'hera topics'?"),
        ("topics lsit", "'hera topics lsit' is not a command; did you mean 'hera topics list'?"),
        ("Audit", "did you mean 'hera audit'?"), ("help anaylze", "did you mean 'hera analyze'?"),
        ("tpoics --help", "did you mean 'hera topics'?"),
        ("elephant", "'hera elephant' is not a command; there are up, demo, source"),
        ("topics list --bootsrap h:1", "'--bootstrap'"), ("demo --uesrs 5", "'--users'"),
    ])
    func nearestWordIsSuggested(words: String, suggestion: String) async throws {
        let arguments = words.split(separator: " ").map(String.init)
        let result = try await runProgram(BuiltPackage.program(), arguments: arguments)
        #expect(result.status == .exited(64))
        #expect(result.errorText.contains(suggestion), "\(result.errorText)")
    }

    /// Nothing that a command says is lost in silence.
    @Test(arguments: [
        "--help", "--version", "help topics", "source 127.0.0.1:1 5 --count 0 --dry-run",
        "source 127.0.0.1:1 5 --count 0 --dry-run --json", "demo --data d --users 20 --events 20",
        "demo --data d --users 20 --events 20 --json", "ingestor --data d --listen 127.0.0.1:0",
        "up --data d --listen 127.0.0.1:0 --no-source",
    ])
    func outputThatCannotBeWrittenIsAFailure(words: String) async throws {
        try await withTemporaryDirectory { folder in
            let full = try await shell("$HERA \(words) > /dev/full", in: folder)
            #expect(full.status == .exited(1), "\(words): \(full.errorText)")
            #expect(full.errorText.contains("cannot write to standard output: No space left on device"))
            let closed = try await shell("rm -rf d; $HERA \(words) >&-", in: folder)
            #expect(closed.status == .exited(1), "\(words): \(closed.errorText)")
            #expect(closed.errorText.contains("cannot write to standard output: Bad file descriptor"))
        }
    }

    @Test func summariesOfAnalyzeAuditAndTopicsAreChecked() async throws {
        try await withTemporaryDirectory { folder in
            #expect(try await shell("$HERA demo --users 20 --events 20 --quiet", in: folder).status.isSuccess)
            for words in ["analyze", "analyze --json", "audit", "audit --json"] {
                let result = try await shell("$HERA \(words) > /dev/full", in: folder)
                #expect(result.status == .exited(1), "\(words): \(result.errorText)")
                #expect(result.errorText.contains("cannot write to standard output"), "\(words)")
            }
        }
        try await withIngestor { bootstrap, _ in
            for words in ["list", "list --json", "describe utenti", "describe utenti --json"] {
                let result = try await shell("$HERA topics \(words) --bootstrap \(bootstrap) > /dev/full")
                #expect(result.status == .exited(1), "\(words): \(result.errorText)")
            }
        }
    }

    /// A program with no end, and a reader that has enough.
    @Test(arguments: ["", "--json"])
    func sourceEndsWithItsReader(form: String) async throws {
        let line = "set -o pipefail; $HERA source 127.0.0.1:1 5 --dry-run \(form) | head -n 3"
        let result = try await shell(line)
        #expect(result.status == .exited(0), "\(result.errorText)")
        #expect(result.errorText.isEmpty, "\(result.errorText)")
        #expect(result.text.split(separator: "\n").count == 3)
    }

    @Test func auditThatDoesNotHoldFailsThoughItsReaderIsGone() async throws {
        try await withTemporaryDirectory { folder in
            #expect(try await shell("$HERA demo --users 20 --events 20 --quiet", in: folder).status.isSuccess)
            _ = try await shell("find hera-data/storage -name 'utenti_0_*.json' -delete", in: folder)
            for words in ["audit", "audit --json"] {
                let result = try await shell("set -o pipefail; $HERA \(words) | true", in: folder)
                #expect(result.status == .exited(1), "\(words): \(result.errorText)")
            }
        }
    }

    /// Each record is there when it is said: the pipe is not filled first.
    @Test func slowSourceIsReadLineByLine() async throws {
        let arguments = ["source", "127.0.0.1:1", "5", "--dry-run", "--rate", "1"]
        try await withProcess(BuiltPackage.program(), arguments: arguments) { process in
            _ = try await process.waitForLine("utenti\t")
        }
    }

    @Test func variablesOfOthersDoNotMatter() async throws {
        try await withTemporaryDirectory { folder in
            let environment: [String: String?] = [
                "HERA_PORT": "tcp://10.0.0.7:9092", "HERA_SERVICE_HOST": "10.0.0.7", "HERA_SOURCE_RAET": "5",
            ]
            let line = "$HERA demo --users 20 --events 20"
            let told = try await shell(line, environment: environment, in: folder)
            #expect(told.status == .exited(0), "\(told.errorText)")
            #expect(told.errorText.contains("HERA_PORT, HERA_SERVICE_HOST"), "\(told.errorText)")
            #expect(told.errorText.contains("did you mean HERA_SOURCE_RATE?"), "\(told.errorText)")
            let quiet = try await shell(line + " --quiet", environment: environment, in: folder)
            #expect(quiet.status == .exited(0))
            #expect(quiet.errorText.isEmpty && quiet.text.isEmpty, "\(quiet.errorText)")
        }
    }

    @Test func demoLeadsToEverythingElseWithoutAFlag() async throws {
        try await withTemporaryDirectory { folder in
            let result = try await shell(
                "$HERA demo --users 50 --events 100 && $HERA analyze && $HERA audit && $HERA analyze --json",
                in: folder
            )
            #expect(result.status == .exited(0), "\(result.errorText)")
            #expect(result.text.contains("`hera audit` proves it again"), "\(result.text)")
            let elsewhere = try await shell("$HERA demo --data other --users 50 --events 100", in: folder)
            #expect(elsewhere.text.contains("`hera analyze --data other`"), "\(elsewhere.text)")
        }
    }

    @Test func demoDoesNotTakeAPipelinesDirectory() async throws {
        try await withTemporaryDirectory { folder in
            let data = folder.appending("hera-data")
            #expect(try await shell("$HERA demo --users 20 --events 20 --quiet", in: folder).status.isSuccess)
            _ = try await Zone(data: data).whileUp { process, _ in
                _ = try await process.waitForLine("hera: \(data) holds a demo's events", of: process.errorOutput)
            }
            let second = try await shell("$HERA demo --users 20 --events 20", in: folder)
            #expect(second.status == .exited(1))
            #expect(second.errorText.contains("hera demo --data hera-demo"), "\(second.errorText)")
        }
    }

    /// What the program makes is for its owner, whatever the umask of the shell is.
    @Test(
        arguments: [
            (nil, 0o600, 0o700), ("private", 0o600, 0o700), ("group", 0o640, 0o750), ("system", 0o644, 0o755),
        ] as [(String?, Int, Int)]
    )
    func filesArePrivateUnlessToldOtherwise(permissions: String?, file: Int, directory: Int) async throws {
        try await withTemporaryDirectory { folder in
            let lines = [
                "umask 022", "$HERA demo --users 50 --events 100 --quiet", "$HERA analyze --out again --quiet",
                "$HERA up --listen 127.0.0.1:0 & until grep -q : hera-data/run/kafka.address; do :; done; kill %1; wait",
                "find . -mindepth 1 -printf '%y %m %p\\n'",
            ]
            let line = lines.joined(separator: "\n")
            let result = try await shell(line, environment: ["HERA_PERMISSIONS": permissions], in: folder)
            let found = result.text.split(separator: "\n").filter { $0.hasPrefix("f ") || $0.hasPrefix("d ") }
            #expect(found.count > 30, "\(result.errorText)")
            for entry in found {
                let words = entry.split(separator: " ")
                let mode = Int(words[1], radix: 8)
                #expect(mode == (words[0] == "f" ? file : directory), "\(entry)")
            }
        }
    }
}
