import ArgumentParser
import Foundation
import Logging

/// The program: one file a command, each parses its words and hands them on.
@main
struct Hera: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hera",
        abstract: "The event-analytics pipeline of a rewards community, on one machine or on a cluster.",
        version: "0.1.0",
        subcommands: [
            UpCommand.self,
            DemoCommand.self,
            SourceCommand.self,
            IngestorCommand.self,
            TopicsCommand.self,
            AnalyzeCommand.self,
            AuditCommand.self,
            RepairCommand.self,
        ]
    )

    /// Exit status: 0 done, 1 failed (the reason is on standard error), 64 wrong usage.
    static func main() async {
        LoggingSystem.bootstrap { ConsoleLogHandler(label: $0) }
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            // What the parser has to say (help, wrong usage) it says itself; the rest are errors of the work.
            if exitCode(for: error) != .failure || error is ExitCode { exit(withError: error) }
            FileHandle.standardError.write(Data("hera: \(error)\n".utf8))
            exit(withError: ExitCode.failure)
        }
    }
}
