import DequeModule
import KafkaTopics

/// What a consumer knows under its lock: its phase, the rebalance that waits for the receiver, the messages that are
/// taken and not yet delivered. Pure: it decides, the consumer acts.
struct ConsumerState {
    enum Phase {
        case open
        /// Shutdown was requested; the consumer leaves its group next.
        case closingAsked
        /// The consumer is leaving the group and awaits its last rebalance.
        case closing
        case closed
    }

    /// A rebalance that continues when the receiver asks for the next event.
    enum Rebalance: Equatable {
        case assign([TopicPartition], incremental: Bool)
        case unassign([TopicPartition], incremental: Bool)
    }

    var events: ClientEvents
    private(set) var phase = Phase.open
    /// Whether a task is in `nextEvent` now.
    var isReading = false
    /// Whether the next wait for an event is to end.
    private var isInterrupted = false
    /// When the current alarm ends a long sleep.
    private var alarm: ContinuousClock.Instant?
    private var rebalance: Rebalance?
    private var starts: [TopicPartition: StartPosition] = [:]
    private(set) var assignment: Set<TopicPartition> = []
    private var paused: Set<TopicPartition> = []
    /// What is taken from librdkafka and not delivered.
    private var runs: Deque<MessageRun> = []

    /// `nil` where librdkafka needs no reminders.
    private var pacer: FetchPacer?

    init(events: ClientEvents, pacer: FetchPacer?) {
        self.events = events
        self.pacer = pacer
    }

    // MARK: Messages

    /// New messages, in order; what is left of earlier ones belongs to paused partitions.
    mutating func take(_ runs: [MessageRun]) {
        self.runs.append(contentsOf: runs)
    }

    /// Whether librdkafka has to be reminded to fetch on.
    mutating func needsReminder(_ isDue: (inout FetchPacer) -> Bool) -> Bool {
        guard var pacer else { return false }
        defer { self.pacer = pacer }
        return isDue(&pacer)
    }

    /// The next run to deliver, of a partition that is not paused.
    mutating func deliver() -> MessageRun? {
        if paused.isEmpty { return runs.popFirst() }
        guard let index = runs.firstIndex(where: { !paused.contains($0.partition) }) else { return nil }
        return runs.remove(at: index)
    }

    /// Messages of these partitions are dropped: after a seek, or when they are no longer ours.
    mutating func forget(_ partitions: some Sequence<TopicPartition>) {
        guard !runs.isEmpty else { return }
        let gone = Set(partitions)
        runs.removeAll { gone.contains($0.partition) }
    }

    mutating func pause(_ partitions: [TopicPartition]) { paused.formUnion(partitions) }
    mutating func resume(_ partitions: [TopicPartition]) { paused.subtract(partitions) }

    // MARK: Rebalances

    /// librdkafka asks for a rebalance; it waits until the receiver has seen it.
    mutating func rebalanceBegan(_ rebalance: Rebalance) {
        precondition(self.rebalance == nil, "ConsumerState: a rebalance within another")
        self.rebalance = rebalance
    }

    /// Sets where a partition starts that is being assigned; `false`: it is not being assigned.
    mutating func start(_ partition: TopicPartition, at position: StartPosition) -> Bool {
        guard case .assign(let partitions, _) = rebalance, partitions.contains(partition) else { return false }
        starts[partition] = position
        return true
    }

    /// The receiver is done with the rebalance: what to do, and where each assigned partition starts.
    mutating func rebalanceFinished() -> (Rebalance, starts: [TopicPartition: StartPosition])? {
        guard let rebalance else { return nil }
        self.rebalance = nil
        defer { starts = [:] }
        switch rebalance {
        case .assign(let partitions, let isIncremental):
            assignment = isIncremental ? assignment.union(partitions) : Set(partitions)
            paused.subtract(partitions)
        case .unassign(let partitions, let isIncremental):
            assignment = isIncremental ? assignment.subtracting(partitions) : []
            forget(partitions)
            paused.subtract(partitions)
        }
        return (rebalance, starts)
    }

    /// The receiver chose its partitions itself.
    mutating func assigned(_ partitions: some Sequence<TopicPartition>) {
        assignment = Set(partitions)
        paused = []
        runs = []
    }

    // MARK: Life

    mutating func interrupt() { isInterrupted = true }

    /// Whether the wait for an event has to end; true once per interruption.
    mutating func takeInterruption() -> Bool {
        defer { isInterrupted = false }
        return isInterrupted
    }

    /// Whether a sleeping consumer needs a new alarm at `moment`, because none is set before.
    mutating func needsAlarm(now: ContinuousClock.Instant, at moment: ContinuousClock.Instant) -> Bool {
        if let alarm, alarm > now, alarm <= moment { return false }
        alarm = moment
        return true
    }

    /// Shutdown is requested.
    mutating func closeAsked() {
        if phase == .open { phase = .closingAsked }
    }

    /// Whether to leave the group now; true once.
    mutating func shouldTellGroup() -> Bool {
        guard phase == .closingAsked else { return false }
        phase = .closing
        return true
    }

    mutating func closed() {
        phase = .closed
        runs = []
    }
}
