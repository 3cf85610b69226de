import Logging
import Testing

/// A log whose lines a test waits for, one after the other.
struct AwaitedLog: Sendable {
    private let lines: AsyncStream<String>
    private let writer: AsyncStream<String>.Continuation

    init() {
        (lines, writer) = AsyncStream.makeStream()
    }

    var logger: Logger {
        Logger(label: "test") { [writer] _ in Handler(writer: writer) }
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

    private struct Handler: LogHandler {
        let writer: AsyncStream<String>.Continuation
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
            let text = all.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
            writer.yield("\(event.level) \(event.message) \(text)")
        }
    }
}
