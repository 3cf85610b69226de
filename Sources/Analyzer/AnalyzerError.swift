/// Why there is no analysis. Bad lines and missing topics are not errors: the analysis says them.
package struct AnalyzerError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What kind of trouble it is.
    package struct Code: Hashable, Sendable {
        private enum Known { case rawZoneMissing, nothingFiled, unreadable, badOption, outOfRoom, cancelled }
        private let known: Known

        /// No directory is where the raw zone should be.
        package static let rawZoneMissing = Code(known: .rawZoneMissing)
        /// The raw zone holds no usable event yet.
        package static let nothingFiled = Code(known: .nothingFiled)
        /// A file or directory could not be read.
        package static let unreadable = Code(known: .unreadable)
        /// An option has a value that makes no sense.
        package static let badOption = Code(known: .badOption)
        /// The data is larger than the feature table can be, or memory is short.
        package static let outOfRoom = Code(known: .outOfRoom)
        /// The task that asked was cancelled before the analysis was whole.
        package static let cancelled = Code(known: .cancelled)
    }

    package let code: Code
    /// What happened, where, and what to do next.
    package let message: String

    package var description: String { message }

    /// The same error, saying which storage it is about: paths are told from the storage's root, which only the caller
    /// can name.
    package func inStorage(_ root: String) -> AnalyzerError {
        code == .badOption ? self : AnalyzerError(code: code, message: "the storage \(root): \(message)")
    }

    static func rawZoneMissing(_ path: String) -> AnalyzerError {
        AnalyzerError(
            code: .rawZoneMissing,
            message:
                "there is no \(path), where the raw zone should be; give the directory that holds it "
                + "with --storage and its name there with --topics-dir, or file some events first: hera demo"
        )
    }

    static func nothingFiled(_ path: String, badLines: Int) -> AnalyzerError {
        let seen =
            switch badLines {
            case 0: "no complete file of events"
            case 1: "one line, which is not readable"
            default: "\(badLines) lines and none of them readable"
            }
        return AnalyzerError(
            code: .nothingFiled,
            message: "the raw zone \(path) holds \(seen); "
                + "the sink files records when a commit is due, so wait a minute and try again, or run: hera audit"
        )
    }

    static func unreadable(_ path: String, _ reason: any Error) -> AnalyzerError {
        AnalyzerError(
            code: .unreadable,
            message: "\(path) could not be read (\(reason)); an analysis of a part would be wrong, so there is none. "
                + "Check the permissions and try again"
        )
    }

    static func badOption(_ message: String) -> AnalyzerError {
        AnalyzerError(code: .badOption, message: message)
    }

    static let tooManyUsers = AnalyzerError(
        code: .outOfRoom,
        message: "there are more than \(Limits.usersMax) different values of id_utente, which is all there is room "
            + "for; analyse a part of the zone, with fewer files"
    )

    static func noMemory(_ what: String) -> AnalyzerError {
        AnalyzerError(code: .outOfRoom, message: "memory is short: \(what); end other programs and try again")
    }

    static let cancelled = AnalyzerError(
        code: .cancelled,
        message: "the analysis was cancelled before it was whole; there is no result of a part"
    )
}
