/// A failure of a program that a test runs.
public struct ProgramError: Error, CustomStringConvertible {
    public enum Code: Sendable {
        /// The program, or a file that it needs, is not there.
        case notFound
        /// The operating system did not start it.
        case notStarted
        /// What the test waited for did not come before its deadline.
        case deadlinePassed
        /// The program ended, or closed its output, before what the test waited for.
        case ended
    }

    public let code: Code
    public let description: String

    public init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
