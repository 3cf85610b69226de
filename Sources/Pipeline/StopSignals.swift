import Dispatch
import Foundation
import Synchronization
package import UnixSignals

/// The signals that stop a long-running command in order.
package enum StopSignals {
    /// Bounds of impatience.
    package enum Limits {
        /// A signal that comes sooner after the first is the same wish: a terminal and `timeout` both pass Ctrl-C on.
        static let secondAfter = Duration.milliseconds(200)
    }

    /// SIGINT, SIGTERM, and SIGHUP unless the program was started to live on without its terminal, as `nohup` does.
    package static let graceful: [UnixSignal] =
        isIgnored(SIGHUP) ? [.sigint, .sigterm] : [.sigint, .sigterm, .sighup]

    /// Runs `body`, which stops in order at the first signal. A second SIGINT or SIGTERM ends the program at once, even
    /// where a stage hangs: it is watched beside Swift's own threads.
    package static func endingAtTheSecond<Result>(_ body: () async throws -> Result) async rethrows -> Result {
        let patience = Patience()
        let queue = DispatchQueue(label: "hera.stop-signals")
        let sources = graceful.map { signal in
            let source = DispatchSource.makeSignalSource(signal: signal.rawValue, queue: queue)
            source.setEventHandler {
                guard patience.isOver(at: .now), signal != .sighup else { return }
                endAtOnce(signal)
            }
            source.resume()
            return source
        }
        defer { for source in sources { source.cancel() } }
        return try await body()
    }

    /// When the first signal came.
    private final class Patience: Sendable {
        private let first = Mutex<ContinuousClock.Instant?>(nil)

        /// Whether a signal that comes now is a second one.
        func isOver(at now: ContinuousClock.Instant) -> Bool {
            first.withLock { first in
                guard let begin = first else {
                    first = now
                    return false
                }
                return begin.duration(to: now) >= Limits.secondAfter
            }
        }
    }

    private static func endAtOnce(_ signal: UnixSignal) -> Never {
        let words = "hera: ended at once; what was acknowledged is kept, and the next start goes on from there\n"
        try? FileHandle.standardError.write(contentsOf: Data(words.utf8))
        _exit(128 + signal.rawValue)
    }

    private static func isIgnored(_ signal: Int32) -> Bool {
        var action = sigaction()
        guard sigaction(signal, nil, &action) == 0 else { return false }
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
            == unsafeBitCast(SIG_IGN, to: Int.self)
    }
}
