/// Keeps a stream of records at a rate: a token bucket. Pure; time is passed in.
///
/// Tokens are counted in billionths of a record, so no rate is rounded. The bucket holds what the rate makes in
/// `Limits.paceBurstMilliseconds` (one record at least): after a longer delay the stream goes on at its rate instead of
/// catching up with a flood.
struct Pacer: Sendable {
    /// What may be done now.
    enum Grant: Equatable, Sendable {
        /// Make this many records now.
        case records(Int)
        /// Make none before this time has gone by.
        case wait(Duration)
    }

    private static let tokensPerRecord = 1_000_000_000

    private let recordsPerSecond: Int
    private let stepTokens: Int
    private let burstTokens: Int
    private var tokens: Int
    private var last: Duration?

    /// - Parameter recordsPerSecond: 1…`Limits.rateMax`.
    init(recordsPerSecond: Int) {
        precondition((1...Limits.rateMax).contains(recordsPerSecond), "a rate is 1…\(Limits.rateMax)")
        self.recordsPerSecond = recordsPerSecond
        let perMillisecond = recordsPerSecond * (Self.tokensPerRecord / 1_000)
        stepTokens = max(Self.tokensPerRecord, perMillisecond * Limits.paceStepMilliseconds)
        burstTokens = max(stepTokens, perMillisecond * Limits.paceBurstMilliseconds)
        // The first step need not be waited for.
        tokens = stepTokens
    }

    /// Asks for up to `count` records at `now`, which never goes back.
    mutating func grant(upTo count: Int, now: Duration) -> Grant {
        refill(now: now)
        let wanted = min(stepTokens, count * Self.tokensPerRecord)
        guard tokens >= wanted else {
            let missing = wanted - tokens
            return .wait(.nanoseconds((missing + recordsPerSecond - 1) / recordsPerSecond))
        }
        let records = min(count, tokens / Self.tokensPerRecord)
        tokens -= records * Self.tokensPerRecord
        return .records(records)
    }

    private mutating func refill(now: Duration) {
        let elapsed = now - (last ?? now)
        last = now
        // Whatever is longer fills the bucket in any case, and must not overflow.
        let longest = Duration.seconds(1)
        let nanoseconds = Int(min(elapsed, longest).components.attoseconds / 1_000_000_000)
        let whole = elapsed >= longest ? Self.tokensPerRecord : nanoseconds
        tokens = min(burstTokens, tokens + whole * recordsPerSecond)
    }
}
