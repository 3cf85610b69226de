import Foundation
import PipelineTesting
import SystemPackage
import Testing

/// Kafka's own client and Connect's worker: programs of Java, with the jars that script/bootstrap keeps.
enum Java {
    /// Quick to start rather than quick for long, and small: the programs of tests are short.
    private static let options = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-Xmx256m"]

    /// Every jar.
    private static var jars: String {
        get throws {
            let directory = try BuiltPackage.root().appending(".venv/java")
            try #require(
                FileManager.default.fileExists(atPath: directory.appending("wanted").string),
                "no jars in \(directory); get them with: script/bootstrap test"
            )
            return directory.appending("*").string
        }
    }

    private static var sources: FilePath {
        get throws { try BuiltPackage.root().appending("Tests/Peers/Java") }
    }

    /// Runs a program that is one file of `Tests/Peers/Java`.
    static func run(_ file: String, _ arguments: [String]) async throws -> ProgramResult {
        try await runProgram(
            BuiltPackage.systemProgram("java"),
            arguments: options + ["-cp", try jars, try sources.appending(file).string] + arguments
        )
    }

    /// Runs `body` with a class of the jars as a program; classes of `directory` and files there are found before others.
    static func withProcess<Result>(
        _ mainClass: String,
        _ arguments: [String],
        properties: [String: String] = [:],
        classes directory: FilePath,
        _ body: (ProgramProcess) async throws -> Result
    ) async throws -> Result {
        try await PipelineTesting.withProcess(
            BuiltPackage.systemProgram("java"),
            arguments: options + properties.map { "-D\($0.key)=\($0.value)" }
                + ["-cp", "\(directory):\(try jars)", mainClass] + arguments,
            body
        )
    }

    /// Compiles the files of a folder of `Tests/Peers/Java` into `directory`.
    static func compile(_ folder: String, into directory: FilePath) async throws {
        let folder = try sources.appending(folder)
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.string).filter { $0.hasSuffix(".java") }
        let result = try await runProgram(
            BuiltPackage.systemProgram("javac"),
            arguments: ["-J-XX:TieredStopAtLevel=1", "-d", directory.string, "-cp", try jars]
                + files.map { folder.appending($0).string }
        )
        try #require(result.status == .exited(0), "javac: \(result.errorText)")
    }
}
