package import Analysis

/// Why there is no report.
package struct ReportError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What kind of trouble it is.
    package struct Code: Hashable, Sendable {
        private enum Known { case template, encoding, reading, writing }
        private let known: Known

        /// A template of the page is broken: a fault of the program.
        package static let template = Code(known: .template)
        /// A number of the analysis cannot be written down.
        package static let encoding = Code(known: .encoding)
        /// The analysis could not give all its users.
        package static let reading = Code(known: .reading)
        /// A file could not be written.
        package static let writing = Code(known: .writing)
    }

    package let code: Code
    /// What happened, where, and what to do next.
    package let message: String

    package var description: String { message }

    static func template(_ name: String, _ reason: String) -> ReportError {
        ReportError(
            code: .template,
            message: "the report's template '\(name)' is broken (\(reason)); this is a fault of the program, report it"
        )
    }

    static func encoding(_ reason: any Error) -> ReportError {
        ReportError(code: .encoding, message: "the analysis could not be written as JSON (\(reason))")
    }

    package static func reading(_ error: AnalysisError) -> ReportError {
        ReportError(code: .reading, message: error.message)
    }

    package static func writing(_ path: String, _ reason: String) -> ReportError {
        ReportError(
            code: .writing,
            message: "\(path) could not be written (\(reason)); what was there is unchanged. "
                + "Check the permissions and the room on the disk, or choose another directory with --out"
        )
    }
}
