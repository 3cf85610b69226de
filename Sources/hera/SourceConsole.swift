import DataSource
import Logging

/// What `hera source` shows: progress on a terminal, the result, errors.
struct SourceConsole: Sendable {
    let isQuiet: Bool
    let isJSON: Bool

    /// Warnings and errors of libraries, on standard error.
    var logger: Logger {
        var logger = Logger(label: "source")
        logger.logLevel = isQuiet ? .error : .warning
        return logger
    }

    /// Nothing: a run's end and its failure are shown by ``show(_:)-(SourceResult)``.
    var quietLogger: Logger { Logger(label: "hera") { _ in SwiftLogNoOpLogHandler() } }

    private var isProgressShown: Bool { !isQuiet && StandardError.isTerminal }

    /// Shows progress in one line that the next one replaces.
    func show(_ progress: SourceProgress) {
        guard isProgressShown else { return }
        StandardError.write("\r\(progress.text)\u{1B}[K")
    }

    /// Shows the result, and what went wrong.
    func show(_ result: SourceResult) throws {
        if isProgressShown { StandardError.write("\r\u{1B}[K") }
        let report = SourceReport(result)
        if isJSON {
            try StandardOutput().say(json: report)
        } else if !isQuiet {
            try StandardOutput().say(report.text)
        }
        if let failure = result.failure { StandardError.say("hera: \(failure)") }
    }
}
