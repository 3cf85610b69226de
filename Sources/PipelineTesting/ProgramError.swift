/// A failure of a program that a test runs.
package struct ProgramError: Error, CustomStringConvertible {
    package enum Code: Sendable {
        /// The program, or a file that it needs, is not there.
        case notFound
        /// The operating system did not start it.
        case notStarted
        /// What the test waited for did not come before its deadline.
        case deadlinePassed
        /// The program ended, or closed its output, before what the test waited for.
        case ended
    }

    package let code: Code
    package let description: String

    package init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
