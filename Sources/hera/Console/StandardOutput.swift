import Foundation
import PlainText

/// Standard output, of every command. Each call is written at once, so that a reader at the end of a pipe sees each line
/// when it is said, and each is checked: a summary that is not written, on a full disk for example, is a failure.
struct StandardOutput: Sendable {
    /// Why what a command says did not get out.
    enum Failure: Error, CustomStringConvertible {
        /// The program that read it has ended, as `head` does when it has enough.
        case readerGone
        case notWritten(errno: Int32)

        var description: String {
            switch self {
            case .readerGone: "the reader of the output has ended"
            case .notWritten(let code):
                "cannot write to standard output: \(String(cString: strerror(code))); send it to a file or terminal that "
                    + "can take it"
            }
        }
    }

    static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Says `text`, and ends the line. A reader that is gone does not mind: the command goes on to its end.
    func say(_ text: String) throws(Failure) {
        do {
            try write(Array(text.utf8) + [UInt8(ascii: "\n")])
        } catch {
            guard case .readerGone = error else { throw error }
        }
    }

    /// Says `value` as JSON in lines with sorted keys.
    func say(json value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try say(String(decoding: encoder.encode(value), as: UTF8.self))
    }

    /// Writes all of `bytes`.
    ///
    /// - Throws: `readerGone` too: a command that writes without end stops there.
    func write(_ bytes: [UInt8]) throws(Failure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Foundation.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if written >= 0 {
                rest = rest.dropFirst(written)
                continue
            }
            switch errno {
            case EINTR: continue
            case EAGAIN:
                // The pipe was made non-blocking; its reader has to catch up.
                var descriptor = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
                _ = poll(&descriptor, 1, -1)
            case EPIPE: throw .readerGone
            case let code: throw .notWritten(errno: code)
            }
        }
    }
}

/// Standard error. A failure to write there is ignored: results go to standard output.
enum StandardError {
    static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// Writes `text` as it is.
    static func write(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }

    /// Says `text`, which may repeat names from outside, in lines of its own.
    static func say(_ text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        write(lines.map { PrintableText.escaping(String($0)) + "\n" }.joined())
    }
}
