import KafkaProtocol
import NIOCore

/// What a group of consumers keeps of a member that speaks the classic protocol: it joins and syncs, is told its partitions by
/// the names of their topics, and learns from the answers to its heartbeats that it has to join again.
struct ClassicMembership: Sendable, Equatable {
    let sessionTimeout: TimeAmount
    /// In the member's order of preference; the first is the one that it is told, whatever the others support.
    let protocols: [GroupProtocol]
    /// That of its subscription, and of the assignments that it gets.
    let version: Int16
    /// When it must have joined again, since it was told to.
    var joinDeadline: NIODeadline?
    /// When it must have asked for its partitions, since it has joined.
    var syncDeadline: NIODeadline?

    var protocolName: String { protocols.first?.name ?? "" }

    var byteCount: Int { protocols.reduce(0) { $0 + $1.byteCount } }

    /// Whether a join is one of a consumer's, and what it subscribes to; `nil` where it is not, or cannot be read.
    static func subscription(in protocols: [GroupProtocol]) -> ConsumerSubscription? {
        protocols.first.flatMap { try? ConsumerSubscription($0.metadata) }
    }
}

extension ConsumerHeartbeat {
    /// What a join of the classic protocol says, in the words of the other one.
    ///
    /// - Parameter epoch: That of a member that the group knows.
    init(
        _ join: GroupJoin,
        _ subscription: ConsumerSubscription,
        as memberID: String,
        epoch: Int32,
        in view: TopicView,
        now: NIODeadline
    ) {
        self.init(
            memberID: memberID,
            epoch: epoch,
            instanceID: join.instanceID,
            rackID: subscription.rackID,
            client: join.client,
            rebalanceTimeout: join.rebalanceTimeout,
            topicNames: Set(subscription.topics),
            pattern: "",
            owned: PartitionAssignment(subscription.owned, in: view)
        )
        classic = ClassicMembership(
            sessionTimeout: join.sessionTimeout,
            protocols: join.protocols,
            version: subscription.version,
            syncDeadline: now + join.rebalanceTimeout
        )
    }
}

extension PartitionAssignment {
    /// Those of these partitions that exist.
    init(_ named: [ConsumerTopicPartitions], in view: TopicView) {
        self.init(
            named.compactMap { topic -> (topic: KafkaUUID, partitions: [Int32])? in
                guard let known = view.topics[topic.topic] else { return nil }
                return (known.id, topic.partitions.filter { (0..<known.partitionCount).contains($0) })
            }
        )
    }
}
