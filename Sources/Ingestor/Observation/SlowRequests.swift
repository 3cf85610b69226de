import KafkaProtocol
import Logging
import NIOCore
import Synchronization

/// Measures how long requests take, and logs those that take too long. A request that waits for others, as a fetch for
/// records or a member for its group, is not slow.
final class SlowRequests: Sendable {
    private struct State {
        var tokens: TokenBucket
        /// Slow requests that were not logged since the last line.
        var unlogged = 0
    }

    private let threshold: TimeAmount
    private let state: Mutex<State>

    init(_ limits: IngestorLimits, now: NIODeadline) {
        threshold = limits.slowRequest ?? .nanoseconds(.max)
        state = Mutex(
            State(
                tokens: TokenBucket(
                    capacity: limits.slowRequestsLoggedMax,
                    interval: limits.slowRequestLogInterval,
                    now: now
                )
            )
        )
    }

    /// A request is answered, after a time that begins when all of it had come.
    func answered(_ header: RequestHeader, in time: TimeAmount, isLongPoll: Bool, now: NIODeadline, _ logger: Logger) {
        guard let api = header.api else { return }
        IngestorMetrics.answered(api, in: time)
        guard time >= threshold, !isLongPoll else { return }
        IngestorMetrics.wasSlow()
        let unlogged = state.withLock { state -> Int? in
            guard state.tokens.take(1, now: now) > 0 else {
                state.unlogged += 1
                return nil
            }
            defer { state.unlogged = 0 }
            return state.unlogged
        }
        guard let unlogged else { return }
        var metadata: Logger.Metadata = [
            LogKey.api: "\(api)", LogKey.version: "\(header.version)", LogKey.client: "\(header.clientID ?? "")",
            LogKey.milliseconds: "\(time.nanoseconds / 1_000_000)",
        ]
        if unlogged > 0 { metadata[LogKey.unlogged] = "\(unlogged)" }
        logger.warning("slow request", metadata: metadata)
    }
}
