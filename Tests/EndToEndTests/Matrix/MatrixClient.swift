import PipelineTesting
import SystemPackage
import Testing

/// A client of Kafka: a column of the matrix in docs/KAFKA.md.
enum MatrixClient: String, CaseIterable, CustomTestStringConvertible {
    /// Kafka's own, 4.3.
    case java = "J"
    /// confluent-kafka with the newest librdkafka.
    case confluent = "C"
    /// kcat with Debian's librdkafka 2.0.2.
    case kcat = "K"
    /// `hera` itself, with the same.
    case hera = "H"
    case kafkaPython20 = "P2.0"
    case kafkaPython23 = "P2.3"
    case kafkaPython30 = "P3.0"
    case aiokafka = "A"

    var testDescription: String { rawValue }

    /// What came of each capability that the client has calls for: `yes`, or what went wrong.
    func outcomes(at bootstrap: String) async throws -> [Capability: String] {
        switch self {
        case .java: try Self.read(await Java.run("Matrix.java", [bootstrap]))
        case .confluent: try await python("confluent.py", bootstrap)
        case .kcat: await MatrixKcat(bootstrap: bootstrap).outcomes()
        case .hera: await MatrixHera(bootstrap: bootstrap).outcomes()
        case .kafkaPython20: try await python("kafka_python.py", bootstrap)
        case .kafkaPython23: try await python("kafka_python.py", bootstrap, path: ".venv/kafka-python-2.3.2")
        case .kafkaPython30: try await python("kafka_python.py", bootstrap, path: ".venv/kafka-python-3.0.12")
        case .aiokafka: try await python("aio.py", bootstrap)
        }
    }

    /// - Parameter path: Where a version of the client is that comes before the one of the environment.
    private func python(_ script: String, _ bootstrap: String, path: String? = nil) async throws -> [Capability: String]
    {
        let root = try BuiltPackage.root()
        return try Self.read(
            await runProgram(
                BuiltPackage.python(),
                arguments: [root.appending("Tests/Peers/Matrix").appending(script).string, bootstrap],
                environment: ["PYTHONPATH": path.map { root.appending($0).string }]
            )
        )
    }

    /// Lines of a capability's name, a tabulator, and what came of it.
    private static func read(_ result: ProgramResult) throws -> [Capability: String] {
        try #require(result.status == .exited(0), "\(result.errorText)")
        return try result.text.split(separator: "\n").reduce(into: [:]) { outcomes, line in
            let parts = line.split(separator: "\t", maxSplits: 1).map(String.init)
            outcomes[try #require(Capability(rawValue: parts[0]), "\(line)")] = parts.last
        }
    }

    /// What came of steps that are taken one after the other.
    static func outcomes(of steps: KeyValuePairs<Capability, () async throws -> Void>) async -> [Capability: String] {
        var outcomes: [Capability: String] = [:]
        for (capability, step) in steps {
            do {
                try await step()
                outcomes[capability] = "yes"
            } catch {
                outcomes[capability] = "\(error)"
            }
        }
        return outcomes
    }
}

/// What a step of the matrix saw instead of what it should have.
struct UnexpectedAnswer: Error, CustomStringConvertible {
    let description: String

    /// Runs a program and gives back what it prints.
    static func text(of program: FilePath, _ arguments: [String], input: String = "") async throws -> String {
        let result = try await runProgram(program, arguments: arguments, input: Array(input.utf8))
        guard result.status == .exited(0) else {
            throw UnexpectedAnswer(description: "\(arguments): \(result.status) \(result.errorText)")
        }
        return result.text
    }

    static func unless(_ isRight: Bool, _ answer: String) throws {
        if !isRight { throw UnexpectedAnswer(description: answer) }
    }
}
