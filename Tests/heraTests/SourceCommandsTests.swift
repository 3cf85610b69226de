import ArgumentParser
import KafkaClient
import Testing

@testable import DataSource
@testable import hera

/// `hera source` and `hera source perf` on the command line.
@Suite struct SourceCommandsTests {
    private func run(_ arguments: String...) throws -> SourceRunCommand {
        try #require(try Hera.parseAsRoot(["source"] + arguments) as? SourceRunCommand)
    }

    private func perf(_ arguments: String...) throws -> SourcePerfCommand {
        try #require(try Hera.parseAsRoot(["source", "perf"] + arguments) as? SourcePerfCommand)
    }

    /// What the parser says against the arguments.
    private func refusal(_ arguments: String...) -> String? {
        do {
            _ = try Hera.parseAsRoot(["source"] + arguments)
            return nil
        } catch {
            return Hera.fullMessage(for: error)
        }
    }

    @Test func sendingNeedsNoName() throws {
        let command = try run("localhost:9092", "100", "--count", "5")
        #expect(command.bootstrap == "localhost:9092")
        #expect(command.initialSize == 100)
        #expect(command.count == 5)
        #expect(try run("--count", "5", "localhost:9092", "100").count == 5)
        #expect(try run("run", "localhost:9092", "100", "--count", "5").count == 5)
    }

    @Test(arguments: [["--help"], ["localhost:9092", "--help"], ["run", "-h"]])
    func helpOfSourceIsThatOfSending(_ arguments: [String]) throws {
        do {
            var command = try Hera.parseAsRoot(["source"] + arguments)
            try command.run()
            Issue.record("no help")
        } catch {
            let help = Hera.fullMessage(for: error)
            #expect(Hera.exitCode(for: error) == .success)
            for text in ["--count", "--truth", "--metrics-interval <time>", "(default: 30s)", "source perf"] {
                #expect(help.contains(text), "\(text)")
            }
        }
        #expect(CommandSuggestion.text(for: ["source"] + arguments, below: Hera.self) == nil)
    }

    @Test func misspeltSubcommandIsSuggested() {
        #expect(
            CommandSuggestion.text(for: ["source", "prf", "localhost:9092"], below: Hera.self)
                == "'hera source prf' is not a command; did you mean 'hera source perf'?"
        )
    }

    @Test func metricsNeedSomethingThatIsSent() throws {
        #expect(try run("b:1", "1", "--metrics", "m.csv", "--metrics-interval", "500ms").metrics.isAsked)
        #expect(try !run("b:1", "1").metrics.isAsked)
        #expect(refusal("b:1", "1", "--metrics", "m.csv", "--dry-run")?.contains("--dry-run sends nothing") == true)
        for time in ["0s", "99ms", "25h"] {
            let text = refusal("b:1", "1", "--metrics", "m.csv", "--metrics-interval", time)
            #expect(text?.contains("it is a time from 100ms to 24h") == true, "\(time)")
        }
        #expect(refusal("b:1", "1", "--metrics-listen", "nowhere")?.contains("--metrics-listen") == true)
        #expect(refusal("b:1", "1", "--metrics", "")?.contains("--metrics") == true)
    }

    @Test func listsOfAPerformanceTestAreRead() throws {
        let command = try perf(
            "b:1",
            "--producers",
            "1-3,8,2",
            "--record-size",
            "100,1000",
            "--acks",
            "all,0",
            "--compression",
            "none,zstd",
            "--batch",
            "16384",
            "--linger",
            "0ms,5ms"
        )
        #expect(command.producers.values == [1, 2, 3, 8])
        #expect(command.recordSize.values == [100, 1_000])
        #expect(command.acks.values == [.all, .none])
        #expect(command.compression.values == ["none", "zstd"])
        #expect(command.batch.values == [16_384])
        #expect(command.linger.values == [.zero, .milliseconds(5)])
        #expect(try perf("b:1").producers.values == [1, 2, 4])
    }

    @Test(arguments: [
        (["nohost"], "the bootstrap address is 'nohost'"), (["b:1", "--producers", "0"], "--producers is 0; it is"),
        (["b:1", "--producers", "-5"], "--producers is -5; it is a number from 1 to 64"),
        (["b:1", "--producers", "1-65"], "--producers is 65"), (["b:1", "--producers", "1-9999999999"], "--producers"),
        (["b:1", "--producers", ""], "--producers"), (["b:1", "--producers", "1,,2"], "--producers"),
        (["b:1", "--record-size", "10000001"], "--record-size is 10000001"),
        (["b:1", "--batch", "1"], "--batch is 1; it is a number from 1000"),
        (["b:1", "--linger", "61s"], "--linger is 61s; it is a time from 0ms to 1m"),
        (["b:1", "--acks", "2"], "--acks"), (["b:1", "--compression", "brotli"], "--compression"),
        (["b:1", "--duration", "0s"], "--duration is 0ms"), (["b:1", "--warm-up", "11m"], "--warm-up is 11m"),
        (["b:1", "--time-limit", "0s"], "--time-limit is 0ms"),
        (["b:1", "--duration", "1h"], "its 3 steps take 10803s, and --time-limit is 10m"),
        (["b:1", "--topic", "a b"], "--topic: 'a b' is no name"), (["b:1", "--topic", "premi"], "is the community's"),
        (["b:1", "--topic", "x", "--partitions", "3"], "--partitions is for the topic that is made"),
        (["b:1", "--partitions", "0"], "--partitions is 0"), (["b:1", "--out", ""], "--out"),
        (["b:1", "-X", "linger.ms=1"], "give it with --linger"),
    ])
    func whatCannotBeMeasuredIsRefused(arguments: [String], reason: String) {
        do {
            _ = try Hera.parseAsRoot(["source", "perf"] + arguments)
            Issue.record("\(arguments) are taken")
        } catch {
            #expect(Hera.fullMessage(for: error).contains(reason), "\(Hera.fullMessage(for: error))")
            #expect(Hera.exitCode(for: error) == .validationFailure)
        }
    }
}
