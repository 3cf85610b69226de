import ArgumentParser
import Foundation
import Logging
import Pipeline
import PlainText

/// The program: one file a command, each parses its words and hands them on.
@main
struct Hera: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hera",
        abstract: "The event-analytics pipeline of a rewards community, on one machine or on a cluster.",
        version: ProgramVersion.text,
        subcommands: [
            UpCommand.self,
            DemoCommand.self,
            SourceCommand.self,
            IngestorCommand.self,
            TopicsCommand.self,
            GroupsCommand.self,
            AnalyzeCommand.self,
            StatusCommand.self,
            DoctorCommand.self,
            AuditCommand.self,
            ScoreCommand.self,
            RepairCommand.self,
            ResetCommand.self,
        ]
    )

    /// Exit status: 0 done, 1 failed (the reason is on standard error), 64 wrong usage.
    static func main() async {
        prepareProcess()
        LoggingSystem.bootstrap { ConsoleLogHandler(label: $0) }
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            end(with: error)
        }
    }

    /// What has to hold before anything else is done.
    private static func prepareProcess() {
        // A reader that goes is seen by the call that writes to it.
        signal(SIGPIPE, SIG_IGN)
        // A standard stream that is closed would be the first file that is opened: a summary would end up in the log. In
        // this direction nothing can be read or written, so using it fails as it should.
        for descriptor: Int32 in 0...2 where fcntl(descriptor, F_GETFD) == -1 {
            _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
        }
        FilePrivacy.begin()
    }

    private static func end(with error: any Error) -> Never {
        switch error {
        case StandardOutput.Failure.readerGone:
            // The reader, such as `head`, has enough: no failure.
            Foundation.exit(0)
        case is ExitCode:
            Foundation.exit(exitCode(for: error).rawValue)
        case _ where exitCode(for: error) != .failure:
            // What the parser has to say: help, the version, or what is wrong with the words.
            say(fullMessage(for: error), status: exitCode(for: error))
        default:
            StandardError.say("hera: \(ErrorText.of(error))")
            Foundation.exit(EXIT_FAILURE)
        }
    }

    private static func say(_ message: String, status: ExitCode) -> Never {
        // The parser takes a misspelt command before --help, or behind help, for none at all.
        let suggestion = CommandSuggestion.text(for: Array(CommandLine.arguments.dropFirst()), below: Hera.self)
        guard status.isSuccess, suggestion == nil else {
            StandardError.say([suggestion, message].compactMap { $0 }.joined(separator: "\n"))
            Foundation.exit(status.isSuccess ? ExitCode.validationFailure.rawValue : status.rawValue)
        }
        do {
            try StandardOutput().say(message)
            Foundation.exit(EXIT_SUCCESS)
        } catch {
            StandardError.say("hera: \(ErrorText.of(error))")
            Foundation.exit(EXIT_FAILURE)
        }
    }
}

/// An error as a sentence. Our own errors are sentences; those of Foundation are made into some here.
private enum ErrorText {
    static func of(_ error: any Error) -> String {
        switch error {
        case let error as CocoaError:
            let place = error.filePath ?? error.url?.path ?? "a file"
            let reason = (error.underlying as? POSIXError).map { words($0.code.rawValue) }
            return "cannot read or write \(place): \(reason ?? "refused by the system (code \(error.errorCode))")"
        case let error as POSIXError:
            return words(error.code.rawValue)
        default:
            return "\(error)"
        }
    }

    private static func words(_ code: Int32) -> String { String(cString: strerror(code)) }
}

/// Which command was meant by a word that is none: the parser suggests options, but no commands.
enum CommandSuggestion {
    /// What to say of the first word of `arguments` that should name a command and does not; `nil` where all do.
    static func text(for arguments: [String], below root: any ParsableCommand.Type) -> String? {
        var command = root
        var path = name(of: root)
        for word in arguments where word != "help" {
            let subcommands = command.configuration.subcommands
            guard !subcommands.isEmpty, !word.hasPrefix("-") else { return nil }
            if let next = subcommands.first(where: { name(of: $0) == word }) {
                command = next
                path += " " + word
                continue
            }
            let names = subcommands.map { name(of: $0) }
            let nearest = EditDistance.nearest(to: word, among: names)
            // The word may be an argument of the subcommand that need not be named.
            if command.configuration.defaultSubcommand != nil, nearest == nil { return nil }
            let advice = nearest.map { "did you mean '\(path) \($0)'?" } ?? "there are \(names.joined(separator: ", "))"
            return "'\(path) \(word)' is not a command; \(advice)"
        }
        return nil
    }

    private static func name(of command: any ParsableCommand.Type) -> String {
        command.configuration.commandName ?? "\(command)".lowercased()
    }
}
