import KafkaProtocol
import Logging
import NIOCore

/// Measures how long requests take, and logs those that take too long. A request that waits for others, as a fetch for
/// records or a member for its group, is not slow.
struct SlowRequests: Sendable {
    private let threshold: TimeAmount

    init(_ limits: IngestorLimits) {
        threshold = limits.slowRequest ?? .nanoseconds(.max)
    }

    /// A request is answered, after a time that begins when all of it had come.
    func answered(_ header: RequestHeader, in time: TimeAmount, isLongPoll: Bool, _ logger: Logger) {
        guard let api = header.api else { return }
        IngestorMetrics.answered(api, in: time)
        guard time >= threshold, !isLongPoll else { return }
        IngestorMetrics.wasSlow()
        let metadata: Logger.Metadata = [
            LogKey.api: "\(api)", LogKey.version: "\(header.version)", LogKey.client: "\(header.clientID ?? "")",
            LogKey.milliseconds: "\(time.nanoseconds / 1_000_000)",
        ]
        logger.warning("slow request", metadata: metadata)
    }
}
