import Logging
import PipelineTesting
import Testing

/// A log whose lines a test waits for, one after the other.
struct AwaitedLog: Sendable {
    private let lines: AsyncStream<String>
    private let writer: AsyncStream<String>.Continuation

    init() {
        (lines, writer) = AsyncStream.makeStream()
    }

    var logger: Logger {
        .lines { [writer] in writer.yield($0) }
    }

    /// Waits for a line with all of `words`, behind the one that was waited for last.
    func wait(for words: String...) async {
        var passed: [String] = []
        for await line in lines {
            if words.allSatisfy({ line.contains($0) }) { return }
            passed.append(line)
        }
        Issue.record("no line with \(words); the last ones were \(passed.suffix(20))")
    }
}
