import DataSource
import Foundation
import Logging

/// What `hera source` shows: progress on a terminal, the result, errors.
struct SourceConsole: Sendable {
    let isQuiet: Bool
    let isJSON: Bool

    /// Warnings and errors of libraries, on standard error.
    var logger: Logger {
        var logger = Logger(label: "hera.source") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = isQuiet ? .error : .warning
        return logger
    }

    /// Nothing: a run's end and its failure are shown by ``show(_:)-(SourceResult)``.
    var quietLogger: Logger { Logger(label: "hera") { _ in SwiftLogNoOpLogHandler() } }

    private var isProgressShown: Bool { !isQuiet && isatty(STDERR_FILENO) == 1 }

    /// Shows progress in one line that the next one replaces.
    func show(_ progress: SourceProgress) {
        guard isProgressShown else { return }
        write("\r\(progress.text)\u{1B}[K", to: .standardError)
    }

    /// Shows the result, and what went wrong.
    func show(_ result: SourceResult) throws {
        if isProgressShown { write("\r\u{1B}[K", to: .standardError) }
        let report = SourceReport(result)
        if isJSON {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            let text = String(decoding: try encoder.encode(report), as: UTF8.self)
            write(text + "\n", to: .standardOutput)
        } else if !isQuiet {
            write(report.text + "\n", to: .standardOutput)
        }
        if let failure = result.failure {
            write("hera: \(failure)\n", to: .standardError)
        }
    }

    private func write(_ text: String, to file: FileHandle) {
        // Nobody may be reading any more; the run's exit status does not depend on it.
        try? file.write(contentsOf: Data(text.utf8))
    }
}
