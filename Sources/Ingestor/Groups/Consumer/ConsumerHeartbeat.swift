package import KafkaProtocol
package import NIOCore

/// A heartbeat of the protocol of KIP-848 as the group sees it.
package struct ConsumerHeartbeat: Sendable {
    package var memberID: String
    /// What the member has, or one of ``ConsumerGroupHeartbeatRequest``'s numbers.
    package var epoch: Int32
    package var instanceID: String?
    package var rackID: String?
    package var client: GroupClient
    package var rebalanceTimeout: TimeAmount?
    package var topicNames: Set<String>?
    package var pattern: String?
    package var assignor: PartitionAssignor?
    /// What the member has; `nil` where it does not say.
    package var owned: PartitionAssignment?
    /// What was found for patterns of the group; see ``ConsumerGroupStateMachine/patternsToResolve(adding:in:)``.
    package var matches: [String: PatternMatches]
    /// Set where this is a join of the classic protocol.
    var classic: ClassicMembership?

    package init(
        memberID: String,
        epoch: Int32,
        instanceID: String? = nil,
        rackID: String? = nil,
        client: GroupClient = GroupClient(),
        rebalanceTimeout: TimeAmount? = nil,
        topicNames: Set<String>? = nil,
        pattern: String? = nil,
        assignor: PartitionAssignor? = nil,
        owned: PartitionAssignment? = nil,
        matches: [String: PatternMatches] = [:]
    ) {
        self.memberID = memberID
        self.epoch = epoch
        self.instanceID = instanceID
        self.rackID = rackID
        self.client = client
        self.rebalanceTimeout = rebalanceTimeout
        self.topicNames = topicNames
        self.pattern = pattern
        self.assignor = assignor
        self.owned = owned
        self.matches = matches
    }

    /// What the group would keep of it in memory.
    var byteCount: Int {
        guard topicNames != nil || pattern != nil else { return 0 }
        let names = topicNames?.reduce(0) { $0 + $1.utf8.count } ?? 0
        let texts = [memberID, instanceID ?? "", rackID ?? "", pattern ?? ""]
        return texts.reduce(client.byteCount + names + (classic?.byteCount ?? 0)) { $0 + $1.utf8.count }
    }

    /// Whether the member tells all, and so is told all.
    var isFull: Bool {
        epoch == ConsumerGroupHeartbeatRequest.joiningEpoch
            || (rebalanceTimeout != nil && topicNames != nil && owned != nil)
    }
}

/// The topics that matched a pattern.
package struct PatternMatches: Sendable, Equatable {
    /// The ``TopicView/change`` of the topics that were looked at.
    package let change: UInt64
    package let topics: Set<String>

    package init(_ pattern: TopicPattern, in view: TopicView) {
        change = view.change
        var pattern = pattern
        topics = Set(view.topics.keys.filter { pattern.matches($0) })
    }

    var byteCount: Int { 64 + 32 * topics.count }
}

/// What a heartbeat is answered with.
package struct ConsumerHeartbeatAnswer: Sendable, Equatable {
    package var error: ErrorCode
    package var message: String?
    package var memberID: String?
    package var epoch: Int32
    /// What the member may use; `nil` where it knows that.
    package var assignment: PartitionAssignment?

    init(memberID: String, epoch: Int32, assignment: PartitionAssignment? = nil) {
        error = .none
        self.memberID = memberID
        self.epoch = epoch
        self.assignment = assignment
    }

    private init(_ error: ErrorCode, _ message: String) {
        self.error = error
        self.message = message
        epoch = 0
    }

    /// The answer to a heartbeat that is refused.
    package static func refused(_ error: ErrorCode, _ message: String) -> ConsumerHeartbeatAnswer {
        ConsumerHeartbeatAnswer(error, message)
    }

    /// Tells a client that the group does not know to join again.
    static func unknown(_ memberID: String) -> ConsumerHeartbeatAnswer {
        .refused(.unknownMemberID, "the group has no member '\(memberID)': it has to join again")
    }
}
