import ArgumentParser
import Foundation

/// A question to the user before something is deleted.
enum Question {
    /// Whether the user says yes. Where standard input is not a terminal, it is an error that names the flag.
    static func isConfirmed(_ question: String, otherwise flag: String) throws -> Bool {
        guard isatty(STDIN_FILENO) == 1 else {
            throw ValidationError(
                "Standard input is not a terminal, so no one can confirm; give \(flag) to go on without being asked."
            )
        }
        StandardError.write("\(question) [y/N] ")
        return ["y", "yes"].contains(readLine()?.lowercased())
    }
}
