import KafkaProtocol
package import NIOCore

/// A group as tools are told of it.
package struct GroupDescription: Sendable, Equatable {
    /// A member, with what it told the group and what it was told to do.
    package struct Member: Sendable, Equatable {
        package var id: String
        package var instanceID: String?
        package var client: GroupClient
        /// For the protocol that was chosen, or would be.
        package var metadata: ByteBuffer
        package var assignment: ByteBuffer
    }

    package var state: GroupState
    /// Empty where it never had members.
    package var protocolType: String
    package var protocolName: String?
    /// In the order of their arrival.
    package var members: [Member]

    /// A group that has committed offsets, and no members.
    package static let withoutMembers = GroupDescription(state: .empty, protocolType: "", members: [])

    /// The topics that the members read; `nil` where what one of them says is not understood: it may read any.
    package var subscribedTopics: Set<String>? {
        var topics: Set<String> = []
        for member in members {
            guard let subscription = try? ConsumerSubscription(member.metadata) else { return nil }
            topics.formUnion(subscription.topics)
        }
        return topics
    }
}

/// The client behind a member.
package struct GroupClient: Sendable, Equatable {
    /// The client's name for itself.
    package var id = ""
    /// Where it connects from, as Kafka writes it: `/127.0.0.1`.
    package var host = ""

    package init() {}

    package init(id: String, host: String) {
        self.id = id
        self.host = host
    }

    var byteCount: Int { id.utf8.count + host.utf8.count }
}

/// The state of a group by Kafka's name.
package enum GroupState: String, Sendable {
    case empty = "Empty"
    case preparingRebalance = "PreparingRebalance"
    case completingRebalance = "CompletingRebalance"
    case stable = "Stable"
    /// There is no such group.
    case dead = "Dead"
    /// Of the protocol of KIP-848: partitions are to be divided anew.
    case assigning = "Assigning"
    /// Of the protocol of KIP-848: some members do not have yet what they are to have.
    case reconciling = "Reconciling"
}

/// The protocol that a group's members speak, by Kafka's name.
package enum GroupType: String, Sendable {
    /// Members join generations, and one of them assigns.
    case classic
    /// Members send heartbeats, and the group assigns (KIP-848).
    case consumer
}

/// A group of either protocol as tools are told of it.
package enum KnownGroup: Sendable, Equatable {
    case classic(GroupDescription)
    case consumer(ConsumerGroupDescription)

    package var type: GroupType {
        switch self {
        case .classic: .classic
        case .consumer: .consumer
        }
    }

    package var state: GroupState {
        switch self {
        case .classic(let group): group.state
        case .consumer(let group): group.state
        }
    }

    package var hasMembers: Bool {
        switch self {
        case .classic(let group): !group.members.isEmpty
        case .consumer(let group): !group.members.isEmpty
        }
    }

    /// See ``GroupDescription/protocolType``.
    package var protocolType: String {
        switch self {
        case .classic(let group): group.protocolType
        case .consumer: ConsumerSubscription.protocolType
        }
    }

    /// See ``GroupDescription/subscribedTopics``.
    package var subscribedTopics: Set<String>? {
        switch self {
        case .classic(let group): group.subscribedTopics
        case .consumer(let group): group.subscribedTopics
        }
    }
}

extension GroupStateMachine.Phase {
    /// The state by Kafka's name.
    package var state: GroupState {
        switch self {
        case .empty: .empty
        case .preparingRebalance: .preparingRebalance
        case .completingRebalance: .completingRebalance
        case .stable: .stable
        case .dead: .dead
        }
    }
}
