/// Why there is no analysis. Bad lines and missing topics are not errors: the analysis reports them.
package struct AnalysisError: Error, Equatable, Sendable, CustomStringConvertible {
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

    package init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }

    /// The same error, saying which storage it is about: paths are told from the storage's root, which only the caller
    /// can name.
    package func inStorage(_ root: String) -> AnalysisError {
        code == .badOption ? self : AnalysisError(code: code, message: "the storage \(root): \(message)")
    }

    package static func badOption(_ message: String) -> AnalysisError {
        AnalysisError(code: .badOption, message: message)
    }
}
