import ConnectAPI
import ConnectRuntime
import KafkaTopics
import Testing

/// A worker's machine against a model of a sink and a group that do what they like, in an order that a seed decides.
@Suite struct SinkWorkerSimulationTests {
    @Test(arguments: 0..<200) func everyOffsetReachesTheSinkOnceAndInOrder(seed: UInt64) throws {
        var world = SimulatedWorld(seed: seed)
        for _ in 0..<400 {
            try world.step()
        }
        try world.finish()
    }
}

/// One connector's partitions with a sink that remembers what is durable, and the checks of the worker's promises.
private struct SimulatedWorld {
    private var random: SplitMix
    private var machine: SinkWorkerStateMachine
    private var now = Timestamp(milliseconds: 0)
    private var sinks: [TopicPartition: ModelSink] = [:]
    private var assigned: Set<TopicPartition> = []
    private let seed: UInt64
    /// Whether the sink does what it is asked from now on.
    private var isCalm = false

    /// What the sink knows of a partition.
    private struct ModelSink {
        var isOpen = false
        var durable: Int64 = 0
        var position: Int64 = 0
        var committed: Int64 = 0
    }

    init(seed: UInt64) {
        self.seed = seed
        random = SplitMix(state: seed)
        machine = SinkWorkerStateMachine(retry: RetryPolicy(delayMillisecondsMax: 4_000))
        for number in 0..<3 {
            sinks[TopicPartition(topic: "utenti", partition: Int32(number))] = ModelSink()
        }
    }

    mutating func step() throws {
        now = now.advanced(byMilliseconds: Int64(random.below(700)))
        let partition = try #require(sinks.keys.sorted().randomElement(using: &random))
        switch random.below(12) {
        case 0 where !assigned.contains(partition):
            assigned.insert(partition)
            try perform(machine.assigned([partition]))
        case 1 where assigned.contains(partition):
            try perform(machine.revoked([partition]))
            try perform(machine.durable(durable, now: now))
            machine.released([partition])
            assigned.remove(partition)
            #expect(sinks[partition]?.isOpen == false, "seed \(seed)")
        case 2 where assigned.contains(partition):
            try perform(machine.lost([partition]))
            assigned.remove(partition)
            #expect(sinks[partition]?.isOpen == false, "seed \(seed)")
        case 3:
            let code: SinkTaskError.Code = random.below(2) == 0 ? .retriable : .fenced
            try perform(machine.taskFailed(SinkTaskError(code, "made up", partitions: [partition]), now: now))
        case 4: try perform(machine.positionOutOfRange(partition, now: now))
        case 5:
            try perform(machine.timerFired(now: now))
        default:
            try put(partition)
        }
        try perform(machine.durable(durable, now: now))
    }

    /// After all trouble is over, each partition that is still owned goes on, and the end leaves nothing open.
    mutating func finish() throws {
        isCalm = true
        for _ in 0..<10 {
            now = machine.nextWake(taskDeadline: nil) ?? now
            try perform(machine.timerFired(now: now))
        }
        for partition in assigned {
            #expect(machine.position(of: partition) != nil, "seed \(seed): \(partition) stands still")
        }
        try perform(machine.stopRequested())
        try perform(machine.durable(durable, now: now))
        #expect(sinks.values.allSatisfy { !$0.isOpen }, "seed \(seed)")
    }

    private var durable: [TopicPartition: Int64] {
        sinks.filter { assigned.contains($0.key) }.mapValues(\.durable)
    }

    private mutating func put(_ partition: TopicPartition) throws {
        guard let position = machine.position(of: partition), var sink = sinks[partition] else { return }
        #expect(sink.isOpen, "seed \(seed): a batch for a closed partition")
        #expect(sink.position == position, "seed \(seed): the sink is at \(sink.position), the worker at \(position)")
        let records = batch(Array(repeating: "{}", count: 1 + random.below(4)), of: partition, firstOffset: position)
        sink.position = records.nextOffset
        if random.below(3) == 0 { sink.durable = sink.position }
        sinks[partition] = sink
        machine.put(records, highWatermark: nil, now: now)
    }

    private mutating func perform(_ actions: [SinkWorkerAction]) throws {
        for action in actions {
            switch action {
            case .open(let partitions): try open(partitions)
            case .close(let partitions, let reason): close(partitions, reason)
            case .commit(let offsets): commit(offsets)
            case .resume(let offsets):
                for (partition, offset) in offsets {
                    #expect(sinks[partition]?.position == offset, "seed \(seed)")
                }
            case .reportLoss, .pause, .end: continue
            }
        }
    }

    private mutating func open(_ partitions: [TopicPartition]) throws {
        var starts: [TopicPartition: PartitionStart] = [:]
        for partition in partitions {
            #expect(sinks[partition]?.isOpen == false, "seed \(seed): opened twice")
            #expect(assigned.contains(partition), "seed \(seed): opened without owning it")
        }
        if !isCalm, random.below(4) == 0 {
            try perform(machine.taskFailed(SinkTaskError(.retriable, "made up", partitions: partitions), now: now))
            return
        }
        for partition in partitions {
            guard var sink = sinks[partition] else { continue }
            sink.isOpen = true
            sink.position = sink.durable
            sinks[partition] = sink
            starts[partition] = try PartitionStart(
                .init(sink: sink.durable, group: nil, reset: .none, earliest: 0, latest: .max)
            )
        }
        try perform(machine.opened(starts))
    }

    private mutating func close(_ partitions: [TopicPartition], _ reason: CloseReason) {
        for partition in partitions {
            guard var sink = sinks[partition] else { continue }
            #expect(sink.isOpen || reason == .abandoned, "seed \(seed): closed but not open")
            if reason == .handedOver { sink.durable = sink.position }
            sink.isOpen = false
            sinks[partition] = sink
        }
    }

    private mutating func commit(_ offsets: [TopicPartition: Int64]) {
        if random.below(5) == 0 {
            machine.commitFailed(now: now)
            return
        }
        for (partition, offset) in offsets {
            let isDurable = sinks[partition].map { offset <= $0.durable } ?? false
            #expect(isDurable, "seed \(seed): committed what is not durable")
            sinks[partition]?.committed = offset
        }
        machine.committed(offsets)
    }
}

/// Random numbers that a seed decides (SplitMix64).
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
