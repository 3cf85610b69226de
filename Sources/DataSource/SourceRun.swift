import Community
import GroundTruth
import KafkaClient
import ServiceLifecycle

/// The main loop of a run: makes rounds, hands them to the producers, and counts the broker's answers.
///
/// While one round is handed over, the next is made. Everything else is in order: one task owns all state, so nothing
/// is shared and nothing can interleave.
struct SourceRun<Time: Clock>: Sendable where Time.Duration == Duration {
    private let producers: [KafkaProducer]
    private let clock: Time
    private let begin: Time.Instant
    private let startedAtMilliseconds: Int64
    private let totalCount: Int?
    private let onProgress: @Sendable (SourceProgress) -> Void

    private(set) var plan: SourcePlan
    private(set) var maker: RoundMaker
    private(set) var ledger: SettlementLedger
    /// In the order they were handed over. The producers bound how many records are on their way, and so this.
    private var pending: [PendingParcel] = []
    private var isStopping = false
    private var lastProgress = Duration.zero

    init(
        plan: SourcePlan,
        maker: RoundMaker,
        ledger: SettlementLedger,
        producers: [KafkaProducer],
        clock: Time,
        startedAtMilliseconds: Int64,
        totalCount: Int?,
        onProgress: @escaping @Sendable (SourceProgress) -> Void
    ) {
        self.plan = plan
        self.maker = maker
        self.ledger = ledger
        self.producers = producers
        self.clock = clock
        self.startedAtMilliseconds = startedAtMilliseconds
        self.totalCount = totalCount
        self.onProgress = onProgress
        begin = clock.now
    }

    /// Since the beginning: passing over what earlier runs sent takes of it.
    var elapsed: Duration { begin.duration(to: clock.now) }

    /// Makes and sends records until the plan, a failure, graceful shutdown or cancellation ends it; returns when the
    /// fate of every record is known. Bounded by the producers' delivery timeout from then on.
    mutating func run() async {
        var filling = maker.makeRound()
        var sending = maker.makeRound()
        await withTaskGroup(of: [PendingParcel].self) { group in
            var isFilled = await fill(&filling)
            while isFilled {
                swap(&filling, &sending)
                handOver(sending, to: &group)
                isFilled = await fill(&filling)
                for await parcels in group {
                    for parcel in parcels { ledger.taken(parcel) }
                    pending += parcels
                }
                settleAnswered()
            }
        }
        await settleAll()
        tellProgress(isLast: true)
    }

    /// Fills the next round as soon as it is due; `false`: there is none.
    private mutating func fill(_ round: inout Round) async -> Bool {
        while true {
            noticeEnd()
            if !isStopping, maker.passOver(atMost: Limits.passedRecordsMax) {
                await Task.yield()
                continue
            }
            switch plan.next(now: elapsed) {
            case .make(let count):
                plan.giveBack(count - maker.fill(&round, count: count, elapsed: elapsed))
                return true
            case .wait(let time):
                // Throws where the task is cancelled: the next turn notices it.
                try? await clock.sleep(for: time)
                settleAnswered()
            case .end: return false
            }
        }
    }

    private mutating func handOver(_ round: Round, to group: inout TaskGroup<[PendingParcel]>) {
        for (lane, producer) in producers.enumerated() {
            let parcels = round.parcels(of: lane).filter { !$0.isEmpty }
            for parcel in parcels { ledger.handOver(parcel) }
            group.addTask { [clock, begin, startedAtMilliseconds] in
                /// The hour of now, where it has just been and is about to be the same.
                func hour() -> Int32? {
                    let now = startedAtMilliseconds + begin.duration(to: clock.now).milliseconds
                    let hour = RecordTimes.hour(of: now - Limits.hourMarginMilliseconds)
                    return hour == RecordTimes.hour(of: now + Limits.hourMarginMilliseconds) ? hour : nil
                }
                var pending: [PendingParcel] = []
                for parcel in parcels {
                    let before = hour()
                    let delivery = await producer.enqueue(parcel.batch)
                    pending.append(
                        PendingParcel(
                            topic: parcel.topic,
                            traces: parcel.traces,
                            undated: parcel.tally.undated,
                            hour: before == hour() ? before : nil,
                            delivery: delivery
                        )
                    )
                }
                return pending
            }
        }
    }

    /// Counts the parcels at the head of the queue that the broker has answered.
    private mutating func settleAnswered() {
        // First, since on cancellation the producers drop what they have, which is not a failure.
        noticeEnd()
        var settled = 0
        for parcel in pending {
            guard let report = parcel.delivery.settledReport else { break }
            ledger.settle(report, of: parcel, isStopping: isStopping)
            settled += 1
        }
        pending.removeFirst(settled)
        tellProgress(isLast: false)
    }

    private mutating func settleAll() async {
        for parcel in pending {
            let report = await Self.report(of: parcel.delivery)
            noticeEnd()
            ledger.settle(report, of: parcel, isStopping: isStopping)
            tellProgress(isLast: false)
        }
        pending = []
    }

    /// Waits for a report even where this task is cancelled: the producer, cancelled with us, then drops what it has and
    /// says so, and the ground truth needs that answer. A task of its own does not inherit the cancellation.
    private static func report(of delivery: BatchDelivery) async -> DeliveryReport {
        do {
            return try await Task { try await delivery.report() }.value
        } catch {
            preconditionFailure(
                "only cancellation ends the wait for a report, and this task is never cancelled: \(error)"
            )
        }
    }

    private mutating func noticeEnd() {
        if Task.isCancelled || Task.isShuttingDownGracefully { isStopping = true }
        if isStopping || ledger.failure != nil { plan.stop() }
    }

    private mutating func tellProgress(isLast: Bool) {
        let now = elapsed
        guard isLast || now - lastProgress >= Limits.progressInterval else { return }
        lastProgress = now
        onProgress(
            SourceProgress(
                sentCount: ledger.handedOverCount,
                acknowledgedCount: ledger.acknowledgedCount,
                totalCount: totalCount,
                elapsed: now
            )
        )
    }
}
