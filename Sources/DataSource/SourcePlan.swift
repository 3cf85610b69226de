/// Decides what a run does next: make records, wait, or end. Pure; time is passed in.
struct SourcePlan: Sendable {
    /// What is to be done.
    enum Action: Equatable, Sendable {
        /// Make this many records and send them.
        case make(Int)
        /// Do nothing for this long, then ask again.
        case wait(Duration)
        /// Make no more.
        case end
    }

    /// Why a run makes no more records.
    enum Ending: Equatable, Sendable {
        /// All records were made, or the time is over.
        case completed
        /// It was told to stop.
        case stopped
    }

    private let total: Int?
    private let duration: Duration?
    private let roundRecords: Int
    private let pace: Pace?
    private var pacer: Pacer?
    private var made = 0
    private var isStopped = false
    /// Set once ``next(now:)`` has said `end`.
    private(set) var ending: Ending?

    /// - Parameters:
    ///   - total: how many records; `nil`: no end.
    ///   - duration: for how long; `nil`: no end.
    ///   - pace: records per second; `nil`: as fast as they are taken.
    ///   - roundRecords: the most records of one `make`.
    init(total: Int?, duration: Duration?, pace: Pace?, roundRecords: Int = Limits.roundRecordsMax) {
        precondition(roundRecords > 0, "a round has at least one record")
        self.total = total
        self.duration = duration
        self.roundRecords = roundRecords
        self.pace = pace
        pacer = pace.map { Pacer(recordsPerSecond: $0.rate(at: .zero)) }
    }

    /// The run was told to stop: the next action is `end`.
    mutating func stop() {
        isStopped = true
    }

    /// What to do at `now`, counted from the beginning of the run. Records of a `make` count as made.
    mutating func next(now: Duration) -> Action {
        if ending != nil { return .end }
        if total.map({ made >= $0 }) ?? false { return end(.completed) }
        if let duration, now >= duration { return end(.completed) }
        if isStopped { return end(.stopped) }
        let wanted = min(roundRecords, total.map { $0 - made } ?? .max)
        if let pace { pacer?.change(to: pace.rate(at: now)) }
        let granted = pacer?.grant(upTo: wanted, now: now) ?? .records(wanted)
        switch granted {
        case .records(let count):
            made += count
            return .make(count)
        case .wait(let time):
            let rest = duration.map { $0 - now } ?? time
            return .wait(min(time, rest, Limits.waitMax))
        }
    }

    /// So many records of the last `make` were not made.
    mutating func giveBack(_ count: Int) {
        precondition((0...made).contains(count), "only what was granted is given back")
        made -= count
    }

    private mutating func end(_ reason: Ending) -> Action {
        ending = reason
        return .end
    }
}

/// How many records per second a run makes, as time goes by.
struct Pace: Equatable, Sendable {
    /// The mean rate; `nil`: the shape's levels are rates.
    let mean: Int?
    let shape: RateShape
    /// When the run began, in milliseconds since 1970-01-01T00:00Z.
    let startMilliseconds: Int64

    /// - Parameter recordsPerSecond: the same rate all the time.
    init(recordsPerSecond: Int) { self.init(mean: recordsPerSecond, shape: RateShape(), startMilliseconds: 0) }

    init(mean: Int?, shape: RateShape, startMilliseconds: Int64) {
        self.mean = mean
        self.shape = shape
        self.startMilliseconds = startMilliseconds
    }

    /// Records per second at `now`, counted from the beginning of the run.
    func rate(at now: Duration) -> Int {
        if let mean, shape.isFlat { return mean }
        let level = shape.stretch(at: max(0, now.milliseconds), from: startMilliseconds).level
        return Int(min(level * Double(mean ?? 1), Double(Limits.rateMax)).rounded())
    }
}

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

    private var recordsPerSecond: Int
    private var stepTokens: Int
    private var burstTokens: Int
    private var tokens: Int
    private var last: Duration?

    /// - Parameter recordsPerSecond: 0…`Limits.rateMax`.
    init(recordsPerSecond: Int) {
        precondition((0...Limits.rateMax).contains(recordsPerSecond), "a rate is 0…\(Limits.rateMax)")
        self.recordsPerSecond = recordsPerSecond
        (stepTokens, burstTokens) = Self.bounds(recordsPerSecond)
        // The first step need not be waited for.
        tokens = recordsPerSecond == 0 ? 0 : stepTokens
    }

    /// The rate is another one from now on.
    mutating func change(to rate: Int) {
        guard rate != recordsPerSecond else { return }
        recordsPerSecond = rate
        (stepTokens, burstTokens) = Self.bounds(rate)
    }

    private static func bounds(_ recordsPerSecond: Int) -> (step: Int, burst: Int) {
        let perMillisecond = recordsPerSecond * (tokensPerRecord / 1_000)
        let step = max(tokensPerRecord, perMillisecond * Limits.paceStepMilliseconds)
        return (step, max(step, perMillisecond * Limits.paceBurstMilliseconds))
    }

    /// Asks for up to `count` records at `now`, which never goes back.
    mutating func grant(upTo count: Int, now: Duration) -> Grant {
        refill(now: now)
        if recordsPerSecond == 0 { return .wait(Limits.waitMax) }
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
        // A longer time fills the bucket anyway, and must not overflow.
        let longest = Duration.seconds(1)
        let nanoseconds = Int(min(elapsed, longest).components.attoseconds / 1_000_000_000)
        let whole = elapsed >= longest ? Self.tokensPerRecord : nanoseconds
        tokens = min(burstTokens, tokens + whole * recordsPerSecond)
    }
}
