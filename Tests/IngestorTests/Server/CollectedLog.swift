import Logging
import PipelineTesting
import Synchronization

/// A log that keeps its lines, for tests that look for one.
final class CollectedLog: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    func contains(_ text: String) -> Bool { all.contains { $0.contains(text) } }

    func count(of text: String) -> Int { all.count { $0.contains(text) } }

    var logger: Logger {
        .lines(level: .debug) { line in self.lines.withLock { $0.append(line) } }
    }
}
