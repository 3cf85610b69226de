package import KafkaProtocol
package import NIOCore

/// Identifies a request that waits for its answer in a group: assigned by ``Group``, returned with the answer.
package struct ReplyToken: Hashable, Sendable {
    package let number: UInt64

    package init(_ number: UInt64) {
        self.number = number
    }
}

/// A protocol (assignor) that a member supports, with its metadata for it; opaque to the group.
package struct GroupProtocol: Sendable, Equatable {
    package var name: String
    package var metadata: ByteBuffer

    var byteCount: Int { name.utf8.count + metadata.readableBytes }

    package init(name: String, metadata: ByteBuffer) {
        self.name = name
        self.metadata = metadata
    }
}

/// A JoinGroup request as the group sees it.
package struct GroupJoin: Sendable {
    package var token: ReplyToken
    /// Empty for a member that has no id yet.
    package var memberID: String
    /// The `group.instance.id` of a static member (KIP-345).
    package var instanceID: String?
    package var client: GroupClient
    /// The id that the member gets if this join adds it; must never have been used before.
    package var proposedMemberID: String
    /// Whether a member without an id must rejoin with its new one before it counts (KIP-394, JoinGroup from version 4).
    package var mustKnowMemberID: Bool
    /// Whether the client understands "you lead, but do not assign" (KIP-814, JoinGroup from version 9).
    package var canSkipAssignment: Bool
    package var sessionTimeout: TimeAmount
    package var rebalanceTimeout: TimeAmount
    package var protocolType: String
    /// In the member's order of preference.
    package var protocols: [GroupProtocol]

    /// What the group would keep of it in memory.
    var byteCount: Int {
        let name = memberID.isEmpty ? proposedMemberID : memberID
        let own = name.utf8.count + (instanceID?.utf8.count ?? 0) + client.byteCount
        return protocols.reduce(own) { $0 + $1.byteCount }
    }

    package init(
        token: ReplyToken,
        memberID: String,
        instanceID: String? = nil,
        client: GroupClient = GroupClient(),
        proposedMemberID: String,
        mustKnowMemberID: Bool = false,
        canSkipAssignment: Bool = false,
        sessionTimeout: TimeAmount,
        rebalanceTimeout: TimeAmount,
        protocolType: String,
        protocols: [GroupProtocol]
    ) {
        self.token = token
        self.memberID = memberID
        self.instanceID = instanceID
        self.client = client
        self.proposedMemberID = proposedMemberID
        self.mustKnowMemberID = mustKnowMemberID
        self.canSkipAssignment = canSkipAssignment
        self.sessionTimeout = sessionTimeout
        self.rebalanceTimeout = rebalanceTimeout
        self.protocolType = protocolType
        self.protocols = protocols
    }
}

/// A SyncGroup request as the group sees it.
package struct GroupSync: Sendable {
    package var token: ReplyToken
    package var generation: Int32
    package var memberID: String
    package var instanceID: String?
    /// From version 5: must be the group's.
    package var protocolType: String?
    /// From version 5: must be the generation's.
    package var protocolName: String?
    /// What each member shall do, by member; only the leader has something here.
    package var assignments: [String: ByteBuffer]

    package init(
        token: ReplyToken,
        generation: Int32,
        memberID: String,
        instanceID: String? = nil,
        protocolType: String? = nil,
        protocolName: String? = nil,
        assignments: [String: ByteBuffer] = [:]
    ) {
        self.token = token
        self.generation = generation
        self.memberID = memberID
        self.instanceID = instanceID
        self.protocolType = protocolType
        self.protocolName = protocolName
        self.assignments = assignments
    }
}

/// What a join is answered with.
package struct JoinAnswer: Sendable, Equatable {
    /// A member of the new generation, as its leader is told of it.
    package struct Member: Sendable, Equatable {
        package var id: String
        package var instanceID: String?
        package var metadata: ByteBuffer

        package init(id: String, instanceID: String? = nil, metadata: ByteBuffer) {
            self.id = id
            self.instanceID = instanceID
            self.metadata = metadata
        }
    }

    package var error: ErrorCode
    package var generation: Int32
    package var protocolType: String?
    package var protocolName: String?
    package var leaderID: String
    package var skipAssignment: Bool
    package var memberID: String
    /// All members, for the leader; empty for the others.
    package var members: [Member]

    /// The answer to a join that did not lead to a generation.
    package static func failed(_ error: ErrorCode, memberID: String) -> JoinAnswer {
        JoinAnswer(
            error: error,
            generation: -1,
            protocolType: nil,
            protocolName: nil,
            leaderID: "",
            skipAssignment: false,
            memberID: memberID,
            members: []
        )
    }
}

/// What a sync is answered with.
package struct SyncAnswer: Sendable, Equatable {
    package var error: ErrorCode
    package var protocolType: String?
    package var protocolName: String?
    package var assignment: ByteBuffer

    /// The answer to a sync that came to no assignment.
    package static func failed(_ error: ErrorCode) -> SyncAnswer {
        SyncAnswer(error: error, protocolType: nil, protocolName: nil, assignment: ByteBuffer())
    }
}

/// What ``Group`` has to do after an event: every waiting request is answered exactly once.
package enum GroupAction: Sendable, Equatable {
    case answerJoin(ReplyToken, JoinAnswer)
    case answerSync(ReplyToken, SyncAnswer)

    /// The request that this answers.
    var token: ReplyToken {
        switch self {
        case .answerJoin(let token, _), .answerSync(let token, _): token
        }
    }
}
