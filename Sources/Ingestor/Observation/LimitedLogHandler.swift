import Logging
import NIOCore
import Synchronization

/// Limits warnings and errors of the same words to a few at once and one a second, and says how many were left out.
///
/// Clients can cause them as often as they like: with a request that cannot be read on each of many connections, say.
/// Without a limit the log would fill the disk.
struct LimitedLogHandler: LogHandler {
    private var base: any LogHandler
    private let lines: Lines
    private let clock: @Sendable () -> NIODeadline

    /// - Parameter base: writes what is not left out.
    init(_ base: any LogHandler, _ limits: IngestorLimits, clock: @escaping @Sendable () -> NIODeadline = { .now() }) {
        self.base = base
        self.clock = clock
        lines = Lines(capacity: limits.repeatedLogLinesMax, interval: limits.repeatedLogLineInterval)
    }

    var logLevel: Logger.Level {
        get { base.logLevel }
        set { base.logLevel = newValue }
    }

    var metadata: Logger.Metadata {
        get { base.metadata }
        set { base.metadata = newValue }
    }

    var metadataProvider: Logger.MetadataProvider? {
        get { base.metadataProvider }
        set { base.metadataProvider = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { base[metadataKey: key] }
        set { base[metadataKey: key] = newValue }
    }

    func log(event: LogEvent) {
        guard event.level >= .warning else { return base.log(event: event) }
        guard let unlogged = lines.take(event.message.description, now: clock()) else { return }
        var event = event
        if unlogged > 0 { event.metadata = (event.metadata ?? [:]).merging([LogKey.unlogged: "\(unlogged)"]) { $1 } }
        base.log(event: event)
    }

    /// How often lines of the same words may be written.
    private final class Lines: Sendable {
        private struct Line {
            var tokens: TokenBucket
            var unlogged = 0
        }

        private let capacity: Int
        private let interval: TimeAmount
        /// By their words, of which there are as many as places in the code that log.
        private let lines = Mutex<[String: Line]>([:])

        init(capacity: Int, interval: TimeAmount) {
            self.capacity = capacity
            self.interval = interval
        }

        /// How many lines of these words were left out since the last one; `nil` where this one is too.
        func take(_ words: String, now: NIODeadline) -> Int? {
            lines.withLock { lines in
                let unused = Line(tokens: TokenBucket(capacity: capacity, interval: interval, now: now))
                var line = lines[words] ?? unused
                defer { lines[words] = line }
                guard line.tokens.take(1, now: now) > 0 else {
                    line.unlogged += 1
                    return nil
                }
                defer { line.unlogged = 0 }
                return line.unlogged
            }
        }
    }
}

extension Logger {
    /// A logger that writes to this one, within limits: see ``LimitedLogHandler``.
    func limited(by limits: IngestorLimits) -> Logger {
        Logger(label: label) { _ in LimitedLogHandler(handler, limits) }
    }
}
