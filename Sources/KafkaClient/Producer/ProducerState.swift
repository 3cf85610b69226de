import KafkaTopics

/// What a producer knows under its lock.
struct ProducerState {
    /// Where a producer is in its life.
    enum Phase {
        case new
        case running
        /// Nothing new is taken; what is on its way is awaited.
        case draining
        case closed
    }

    /// A sender that waits for room.
    private struct Waiting {
        /// It may continue once no more records than these are in flight.
        let below: Int
        /// `true`: there is room, `false`: there will never be.
        let answer: OneAnswer<Bool>
    }

    private(set) var phase = Phase.new
    private var hasRun = false
    var events: ClientEvents
    var ledger = DeliveryLedger()
    /// Why the producer cannot continue.
    var failure: KafkaClientError?
    /// Whether what is on its way is dropped instead of awaited.
    private(set) var isDropping = false
    private var waiting: [Waiting] = []

    init(events: ClientEvents) {
        self.events = events
    }

    /// Why nothing can be sent now, or `nil`.
    var refusal: KafkaClientError? {
        switch phase {
        case .new, .running: failure
        case .draining, .closed: failure ?? .closed("send records")
        }
    }

    /// `run()` has begun: it is called once, and maybe only when the producer is being shut down already.
    mutating func runBegan() {
        precondition(!hasRun, "KafkaProducer: run() is called once")
        hasRun = true
        if phase == .new { phase = .running }
    }

    /// Whether nothing new is taken and nothing is on its way any more: then the producer is closed.
    mutating func isOver() -> Bool {
        guard phase == .draining, ledger.openBatches == 0 else { return false }
        phase = .closed
        return true
    }

    /// Books `count` records that librdkafka is given next, or says why it may not be given any.
    mutating func takeOver(_ count: Int) -> KafkaClientError? {
        if let refusal { return refusal }
        ledger.handOver(count)
        return nil
    }

    /// No new records are taken from now on; returns the senders that wait for room.
    mutating func shutDown(dropping: Bool) -> [OneAnswer<Bool>] {
        isDropping = isDropping || dropping
        switch phase {
        case .new, .running: phase = .draining
        case .draining, .closed: break
        }
        defer { waiting = [] }
        return waiting.map(\.answer)
    }

    /// A sender was refused because the queue is full: it waits until half of what is in flight now is settled, so it
    /// does not try again for every single report. `false`: there is nothing to wait for, it may try again at once.
    mutating func wait(_ answer: OneAnswer<Bool>) -> Bool {
        guard ledger.inFlight > 0, refusal == nil else { return false }
        waiting.append(Waiting(below: ledger.inFlight / 2, answer: answer))
        return true
    }

    /// The senders for whom there is room now.
    mutating func takeSendersWithRoom() -> [OneAnswer<Bool>] {
        guard !waiting.isEmpty else { return [] }
        let inFlight = ledger.inFlight
        let split = waiting.partition { $0.below >= inFlight }
        defer { waiting.removeSubrange(split...) }
        return waiting[split...].map(\.answer)
    }
}
