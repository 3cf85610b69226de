import Ingestor
import KafkaProtocol
import NIOCore

/// A group of the protocol of KIP-848 with a clock that stands still until it is told, and topics that change when told.
struct ConsumerGroupHarness {
    var machine: GroupMachine
    var now = NIODeadline.uptimeNanoseconds(1_000_000_000)
    private(set) var view = TopicView(change: 0, topics: [:])

    init(_ topics: [String: Int32] = [:], _ change: (inout GroupSettings) -> Void = { _ in }) {
        var settings = GroupSettings()
        settings.initialRebalanceDelay = .zero
        change(&settings)
        machine = GroupMachine(settings: settings)
        for (name, count) in topics { make(name, count) }
    }

    /// The id that a topic gets at its first making; a later one of the same name gets the next.
    static func id(_ name: String, making: UInt64 = 0) -> KafkaUUID {
        KafkaUUID(mostSignificant: making, leastSignificant: name.utf8.reduce(0) { $0 << 8 | UInt64($1) })
    }

    /// Makes a topic, or gives it other partitions.
    mutating func make(_ name: String, _ partitionCount: Int32, making: UInt64 = 0) {
        var topics = view.topics
        topics[name] = .init(id: Self.id(name, making: making), partitionCount: partitionCount)
        view = TopicView(change: view.change + 1, topics: topics)
    }

    mutating func delete(_ name: String) {
        var topics = view.topics
        topics[name] = nil
        view = TopicView(change: view.change + 1, topics: topics)
    }

    mutating func send(_ heartbeat: ConsumerHeartbeat) -> ConsumerHeartbeatAnswer {
        var heartbeat = heartbeat
        for text in machine.patternsToResolve(adding: heartbeat.pattern, in: view) {
            guard let pattern = try? TopicPattern(text) else { continue }
            heartbeat.matches[text] = PatternMatches(pattern, in: view)
        }
        return machine.receivedHeartbeat(heartbeat, view, now: now)
    }

    /// A member joins.
    mutating func join(
        _ id: String,
        _ topics: Set<String> = ["a"],
        pattern: String? = nil,
        instance: String? = nil,
        assignor: PartitionAssignor? = nil,
        rebalance: TimeAmount = .seconds(60)
    ) -> ConsumerHeartbeatAnswer {
        send(
            ConsumerHeartbeat(
                memberID: id,
                epoch: 0,
                instanceID: instance,
                rebalanceTimeout: rebalance,
                topicNames: topics,
                pattern: pattern,
                assignor: assignor,
                owned: PartitionAssignment()
            )
        )
    }

    /// A member tells that it lives and, where `owned` says so, what it has.
    mutating func beat(
        _ id: String,
        _ epoch: Int32,
        owned: PartitionAssignment? = nil,
        instance: String? = nil
    ) -> ConsumerHeartbeatAnswer {
        send(ConsumerHeartbeat(memberID: id, epoch: epoch, instanceID: instance, owned: owned))
    }

    /// A member that does all it is told: gives up what it has to, and takes what it gets, until nothing changes.
    mutating func settle(_ ids: String...) {
        for _ in 0..<20 {
            for id in ids {
                guard let member = member(id) else { continue }
                _ = beat(id, member.epoch, owned: member.assigned)
            }
            if description.state == .stable { return }
        }
    }

    /// Lets time go by, with a call at each deadline on the way.
    mutating func advance(_ time: TimeAmount) {
        let end = now + time
        while let deadline = machine.nextDeadline, deadline <= end {
            now = max(now, deadline)
            _ = machine.deadlineReached(now: now)
        }
        now = end
    }

    var description: ConsumerGroupDescription {
        guard case .consumer(let group) = machine.description else {
            preconditionFailure("the group is of the classic protocol")
        }
        return group
    }

    func member(_ id: String) -> ConsumerGroupDescription.Member? { description.members.first { $0.id == id } }

    /// Partitions of a topic.
    static func partitions(_ name: String, _ numbers: Int32...) -> PartitionAssignment {
        PartitionAssignment([GroupTopicPartitions(topicID: id(name), partitions: numbers)])
    }
}
