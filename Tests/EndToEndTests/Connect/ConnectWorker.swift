import Foundation
import PipelineTesting
import SystemPackage
import Testing

/// A worker of Kafka Connect 4.3 in distributed mode, the real program.
struct ConnectWorker {
    let process: ProgramProcess
    /// Where its REST server listens, as `127.0.0.1:8083`.
    let address: String

    /// Runs `body` with a worker that takes requests; then it is killed.
    static func run<Result>(
        at bootstrap: String,
        home: ConnectHome,
        _ body: (ConnectWorker) async throws -> Result
    ) async throws -> Result {
        let settings = try home.write(settings(bootstrap), to: "worker-\(UUID().uuidString).properties")
        return try await Java.withProcess(
            "org.apache.kafka.connect.cli.ConnectDistributed",
            [settings.string],
            properties: ["log4j2.configurationFile": home.directory.appending("log4j2.properties").string],
            classes: home.classes
        ) { process in
            let listening = "REST server listening at http://"
            let line = try await process.waitForLine(listening)
            let address = line.dropFirst(listening.count).prefix { $0 != "/" }
            _ = try await process.waitForLine("Kafka Connect started")
            return try await body(ConnectWorker(process: process, address: String(address)))
        }
    }

    /// Kills the worker and waits until it is gone.
    func kill() async throws {
        process.kill(SIGKILL)
        _ = try await process.waitForExit()
    }

    /// Sends a request; one that comes at a moment when the workers share their work anew is sent again.
    @discardableResult
    func request(_ method: String, _ path: String, _ body: String? = nil) async throws -> String {
        let content = body.map { ["-H", "Content-Type: application/json", "--data", $0] } ?? []
        let result = try await runProgram(
            BuiltPackage.systemProgram("curl"),
            arguments: ["-sS", "--fail-with-body", "--retry", "30", "--retry-delay", "1", "--retry-all-errors"]
                + ["-X", method, "http://\(address)\(path)"] + content
        )
        try #require(result.status == .exited(0), "\(method) \(path): \(result.text) \(result.errorText)")
        return result.text
    }

    private static func settings(_ bootstrap: String) -> String {
        let names = ["config", "offset", "status"]
        return """
            bootstrap.servers=\(bootstrap)
            group.id=lines-cluster
            listeners=http://127.0.0.1:0
            key.converter=org.apache.kafka.connect.storage.StringConverter
            value.converter=org.apache.kafka.connect.storage.StringConverter
            \(names.map { "\($0).storage.topic=lines-\($0)\n\($0).storage.replication.factor=1" }.joined(separator: "\n"))
            plugin.discovery=service_load
            offset.flush.interval.ms=500
            session.timeout.ms=6000
            heartbeat.interval.ms=500
            scheduled.rebalance.max.delay.ms=0
            """
    }
}

/// The files of Connect workers and their connectors.
struct ConnectHome {
    let directory: FilePath

    /// What Connect's classes need beside the jars.
    var classes: FilePath { directory.appending("classes") }
    /// The file that the source reads.
    var input: FilePath { directory.appending("in.txt") }
    /// The file that the sink writes.
    var output: FilePath { directory.appending("out.txt") }

    init(in directory: FilePath) async throws {
        self.directory = directory
        try await Java.compile("org/eclipse/jetty/security", into: directory.appending("classes"))
        // A line of the log is its message alone: tests wait for such lines.
        let logging = """
            appender.console.type=Console
            appender.console.name=console
            appender.console.layout.type=PatternLayout
            appender.console.layout.pattern=%m%n
            rootLogger.level=info
            rootLogger.appenderRefs=console
            rootLogger.appenderRef.console.ref=console
            """
        try write(logging, to: "log4j2.properties")
    }

    @discardableResult
    func write(_ text: String, to name: String) throws -> FilePath {
        let file = directory.appending(name)
        try Data(text.utf8).write(to: URL(filePath: file.string))
        return file
    }

    /// Appends numbered lines to the file that the source reads.
    func append(_ lines: Range<Int>) throws {
        let text = Data(lines.map { "\($0)\n" }.joined().utf8)
        guard let file = FileHandle(forWritingAtPath: input.string) else {
            return try text.write(to: URL(filePath: input.string))
        }
        try file.seekToEnd()
        try file.write(contentsOf: text)
        try file.close()
    }

    /// Runs `body` while the sink's file is followed.
    func withOutput<Result>(_ body: (SinkOutput) async throws -> Result) async throws -> Result {
        try await withProcess(
            BuiltPackage.systemProgram("tail"),
            arguments: ["-n", "+1", "-F", output.string]
        ) { tail in
            try await body(SinkOutput(tail: tail))
        }
    }

    var source: String {
        """
        {"name": "lines-source", "config": {
            "connector.class": "org.apache.kafka.connect.file.FileStreamSourceConnector",
            "tasks.max": "1", "file": "\(input)", "topic": "\(Self.topic)",
            "producer.override.enable.idempotence": "true"}}
        """
    }

    var sink: String {
        """
        {"name": "lines-sink", "config": {
            "connector.class": "org.apache.kafka.connect.file.FileStreamSinkConnector",
            "tasks.max": "1", "file": "\(output)", "topics": "\(Self.topic)"}}
        """
    }

    static let topic = "lines"
}

/// The lines that the sink has written, as they come.
struct SinkOutput {
    let tail: ProgramProcess

    var lines: [Int] {
        get throws { try tail.output.soFar.map { try #require(Int($0), "the sink wrote the line '\($0)'") } }
    }

    /// Returns when there are so many lines.
    func wait(forCount count: Int) async throws {
        try await wait("\(count) lines") { tail in
            var seen = 0
            for await _ in tail.output {
                seen += 1
                if seen >= count { return }
            }
        }
    }

    /// Returns when there is a line with this number or a greater one.
    func wait(forLine number: Int) async throws {
        try await wait("the line \(number)") { tail in
            for await line in tail.output where Int(line) ?? -1 >= number { return }
        }
    }

    private func wait(_ what: String, _ body: @escaping @Sendable (ProgramProcess) async -> Void) async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            let tail = tail
            group.addTask {
                await body(tail)
                return true
            }
            group.addTask {
                // It ends no wait that is well: only a hang.
                _ = try? await tail.waitForExit(within: .seconds(120))
                return false
            }
            let hasCome = try await group.next() ?? false
            group.cancelAll()
            try #require(hasCome, "\(what) did not come; there are \(tail.output.soFar.count) lines")
        }
    }
}
