import ConnectAPI
import ConnectRuntime
import KafkaClient
import KafkaTopics
import PipelineTesting
import Testing

/// A runner's machine against a model of a sink and a group that do what they like, in an order that a seed decides.
@Suite struct SinkTaskSimulationTests {
    @Test(arguments: Seeds.chosen(Array(0..<200)))
    func everyOffsetReachesTheSinkOnceAndInOrder(seed: UInt64) throws {
        try withSeed(seed) { random in
            var world = SimulatedWorld(random)
            for _ in 0..<400 {
                try world.step()
            }
            try world.finish()
        }
    }
}

/// One connector's partitions with a sink that remembers what is durable, and the checks of the runner's promises.
private struct SimulatedWorld {
    private var random: SeededGenerator
    private var machine: SinkTaskStateMachine
    private var now = MonotonicTime(milliseconds: 0)
    private var sinks: [TopicPartition: ModelSink] = [:]
    private var assigned: Set<TopicPartition> = []
    /// Whether the sink does what it is asked from now on.
    private var isCalm = false

    /// What the sink knows of a partition.
    private struct ModelSink {
        var isOpen = false
        var durable: Int64 = 0
        var position: Int64 = 0
        var committed: Int64 = 0
        /// The first offset that Kafka still has.
        var earliest: Int64 = 0
        /// What the sink held when its place was gone: nothing before it may count as lost.
        var held: Int64 = 0
    }

    init(_ random: SeededGenerator) {
        self.random = random
        machine = SinkTaskStateMachine(retry: RetryPolicy(delayMillisecondsMax: 4_000))
        for number in 0..<3 {
            sinks[TopicPartition(topic: "utenti", partition: Int32(number))] = ModelSink()
        }
    }

    mutating func step() throws {
        now = now.advanced(byMilliseconds: .random(in: 0..<700, using: &random))
        let partition = try #require(sinks.keys.sorted().randomElement(using: &random))
        switch Int.random(in: 0..<12, using: &random) {
        case 0 where !assigned.contains(partition):
            let added = sinks.keys.sorted().filter { id in
                !assigned.contains(id) && (id == partition || random.chance(1, in: 2))
            }
            assigned.formUnion(added)
            try perform(machine.assigned(added))
        case 1 where assigned.contains(partition):
            try perform(machine.revoked([partition]))
            try perform(machine.durable(durable, now: now))
            machine.released([partition])
            assigned.remove(partition)
            #expect(sinks[partition]?.isOpen == false)
        case 2 where assigned.contains(partition):
            try perform(machine.lost([partition]))
            assigned.remove(partition)
            #expect(sinks[partition]?.isOpen == false)
        case 3:
            let codes: [SinkTaskError.Code] = [.retriable, .fenced, .permanent]
            let code = codes.randomElement(using: &random) ?? .fenced
            try perform(machine.taskFailed(SinkTaskError(code, "made up", partitions: [partition]), now: now))
        case 4: try removeRecords(of: partition)
        case 5:
            try perform(machine.timerFired(now: now))
        default:
            try put(partition)
        }
        try perform(machine.durable(durable, now: now))
    }

    /// After the last fault each owned partition continues, and the end leaves nothing open.
    mutating func finish() throws {
        isCalm = true
        for _ in 0..<10 {
            now = machine.nextWake ?? now
            try perform(machine.timerFired(now: now))
            try perform(machine.durable(durable, now: now))
        }
        for partition in assigned {
            #expect(machine.position(of: partition) != nil, "\(partition) stands still")
        }
        try perform(machine.stopRequested())
        try perform(machine.durable(durable, now: now))
        #expect(sinks.values.allSatisfy { !$0.isOpen })
    }

    private var durable: [TopicPartition: Int64] {
        sinks.filter { assigned.contains($0.key) }.mapValues(\.durable)
    }

    /// Retention removes records up to somewhere behind the place that is to be read next.
    private mutating func removeRecords(of partition: TopicPartition) throws {
        guard let position = machine.position(of: partition) else { return }
        sinks[partition]?.held = position
        sinks[partition]?.earliest = position + .random(in: 1...5, using: &random)
        let error = SinkTaskError(.retriable, "out of range", partitions: [partition])
        try perform(machine.positionUncertain(partition, error, now: now))
    }

    private mutating func put(_ partition: TopicPartition) throws {
        guard let position = machine.position(of: partition) else { return }
        let values = Array(repeating: "{}", count: .random(in: 1...4, using: &random))
        take(SinkRecords.batch(values, of: partition, firstOffset: position))
    }

    private mutating func reportLoss(_ partition: TopicPartition, _ offsets: Range<Int64>) {
        if let sink = sinks[partition] {
            #expect(offsets.lowerBound >= sink.held, "lost \(offsets), though the sink held all before \(sink.held)")
        }
        var builder = SinkRecordsBuilder(partition: partition, firstOffset: offsets.lowerBound)
        builder.skip(to: offsets.upperBound, .lost)
        take(builder.finish())
    }

    /// The sink takes a batch.
    private mutating func take(_ records: SinkRecords) {
        guard var sink = sinks[records.partition] else { return }
        #expect(sink.isOpen, "a batch for a closed partition")
        #expect(sink.position == records.firstOffset, "the sink is elsewhere than the runner")
        sink.position = records.nextOffset
        if random.chance(1, in: 3) { sink.durable = sink.position }
        sinks[records.partition] = sink
        machine.put(records, highWatermark: nil)
    }

    private mutating func perform(_ actions: [SinkTaskStateMachine.Action]) throws {
        for action in actions {
            switch action {
            case .open(let partitions): try open(partitions)
            case .close(let partitions, let reason): close(partitions, reason)
            case .commit(let offsets): commit(offsets)
            case .resume(let offsets):
                for (partition, offset) in offsets {
                    #expect(sinks[partition]?.position == offset)
                }
            case .reportLoss(let partition, let offsets): reportLoss(partition, offsets)
            case .pause: continue
            }
        }
    }

    private mutating func open(_ partitions: [TopicPartition]) throws {
        var starts: [TopicPartition: PartitionStart] = [:]
        for partition in partitions {
            #expect(sinks[partition]?.isOpen == false, "opened twice")
            #expect(assigned.contains(partition), "opened without owning it")
        }
        // An error names some of the partitions, or, if it names none, concerns all; the sink has the others by then.
        let failed = partitions.filter { _ in !isCalm && random.chance(1, in: 6) }
        let concernsAll = !isCalm && random.chance(1, in: 20)
        for partition in partitions where !failed.contains(partition) {
            guard var sink = sinks[partition] else { continue }
            sink.isOpen = true
            sink.position = sink.durable
            sinks[partition] = sink
            starts[partition] = try PartitionStart(
                .init(
                    partition,
                    sink: SinkStart(next: sink.durable),
                    group: nil,
                    reset: .none,
                    earliest: sink.earliest,
                    latest: .max
                )
            )
        }
        guard failed.isEmpty, !concernsAll else {
            let error = SinkTaskError(.retriable, "made up", partitions: concernsAll ? [] : failed)
            try perform(machine.openFailed(partitions, error, now: now))
            return
        }
        try perform(machine.opened(starts))
    }

    private mutating func close(_ partitions: [TopicPartition], _ reason: CloseReason) {
        for partition in partitions {
            guard var sink = sinks[partition] else { continue }
            #expect(sink.isOpen || reason == .abandoned, "closed but not open")
            if reason == .handedOver { sink.durable = sink.position }
            sink.isOpen = false
            sinks[partition] = sink
        }
    }

    private mutating func commit(_ offsets: [TopicPartition: Int64]) {
        if random.chance(1, in: 5) {
            machine.commitFailed(now: now)
            return
        }
        for (partition, offset) in offsets {
            let isDurable = sinks[partition].map { offset <= $0.durable } ?? false
            #expect(isDurable, "committed what is not durable")
            sinks[partition]?.committed = offset
        }
        machine.committed(offsets)
    }
}
