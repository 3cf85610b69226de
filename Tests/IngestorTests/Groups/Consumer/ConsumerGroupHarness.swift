import Ingestor
import KafkaProtocol
import NIOCore

/// A group of the protocol of KIP-848 with a clock that stands still until it is told, and topics that change when told.
struct ConsumerGroupHarness {
    var machine: GroupMachine
    var now = NIODeadline.uptimeNanoseconds(1_000_000_000)
    private(set) var view = TopicView(change: 0, topics: [:])
    /// The answers to members of the classic protocol that are here.
    private(set) var joins: [ReplyToken: JoinAnswer] = [:]
    private(set) var syncs: [ReplyToken: SyncAnswer] = [:]
    private var tokens: UInt64 = 0

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
        let (answer, actions) = machine.receivedHeartbeat(heartbeat, view, now: now)
        take(actions)
        return answer
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
            take(machine.deadlineReached(now: now))
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

    // MARK: Members of the classic protocol

    private mutating func take(_ actions: [GroupAction]) {
        for action in actions {
            switch action {
            case .answerJoin(let token, let answer):
                precondition(joins.updateValue(answer, forKey: token) == nil, "\(token) was answered twice")
            case .answerSync(let token, let answer):
                precondition(syncs.updateValue(answer, forKey: token) == nil, "\(token) was answered twice")
            }
        }
    }

    private mutating func nextToken() -> ReplyToken {
        tokens += 1
        return ReplyToken(tokens)
    }

    /// A member of the classic protocol joins, or joins again. Its answer may be among ``joins`` at once.
    mutating func joinClassic(
        _ memberID: String = "",
        _ topics: [String] = ["a"],
        owned: [ConsumerTopicPartitions] = [],
        proposed: String = "",
        instance: String? = nil,
        mustKnow: Bool = false,
        type: String = "consumer",
        protocols: [String] = ["range"],
        rebalance: TimeAmount = .seconds(60)
    ) -> ReplyToken {
        let token = nextToken()
        let metadata = Self.subscription(topics, owned: owned)
        let join = GroupJoin(
            token: token,
            memberID: memberID,
            instanceID: instance,
            proposedMemberID: proposed.isEmpty ? "classic-\(token.number)" : proposed,
            mustKnowMemberID: mustKnow,
            sessionTimeout: .seconds(10),
            rebalanceTimeout: rebalance,
            protocolType: type,
            protocols: protocols.map { GroupProtocol(name: $0, metadata: metadata) }
        )
        take(machine.receivedJoin(join, view, now: now))
        return token
    }

    /// The same with its answer; `nil` where it waits.
    mutating func answerToJoin(
        _ memberID: String = "",
        owned: [ConsumerTopicPartitions] = [],
        proposed: String = "",
        instance: String? = nil,
        mustKnow: Bool = false,
        type: String = "consumer",
        protocols: [String] = ["range"],
        rebalance: TimeAmount = .seconds(60)
    ) -> JoinAnswer? {
        let token = joinClassic(
            memberID,
            owned: owned,
            proposed: proposed,
            instance: instance,
            mustKnow: mustKnow,
            type: type,
            protocols: protocols,
            rebalance: rebalance
        )
        return joins[token]
    }

    mutating func syncClassic(
        _ memberID: String,
        _ generation: Int32,
        instance: String? = nil,
        assignments: [String: ByteBuffer] = [:]
    ) -> ReplyToken {
        let token = nextToken()
        let sync = GroupSync(
            token: token,
            generation: generation,
            memberID: memberID,
            instanceID: instance,
            protocolType: "consumer",
            assignments: assignments
        )
        take(machine.receivedSync(sync, now: now))
        return token
    }

    mutating func beatClassic(_ memberID: String, _ generation: Int32, instance: String? = nil) -> ErrorCode {
        machine.receivedHeartbeat(memberID: memberID, instanceID: instance, generation: generation, view, now: now)
    }

    mutating func leaveClassic(_ memberID: String, instance: String? = nil) -> ErrorCode {
        let (error, actions) = machine.receivedLeave(memberID: memberID, instanceID: instance, now: now)
        take(actions)
        return error
    }

    mutating func abandon(_ token: ReplyToken) { machine.abandoned(token, now: now) }

    mutating func commit(_ memberID: String, _ generation: Int32) -> ErrorCode {
        machine.receivedCommit(
            memberID: memberID,
            instanceID: nil,
            generation: generation,
            carriesEpoch: true,
            now: now
        )
    }

    /// The metadata of a consumer, of version 1.
    static func subscription(_ topics: [String], owned: [ConsumerTopicPartitions] = []) -> ByteBuffer {
        var writer = WireWriter()
        writer.integer(Int16(1))
        var (topics, owned, added) = (topics, owned, ByteBuffer?.none)
        writer.array(&topics)
        writer.nullableBytes(&added)
        writer.array(&owned)
        return writer.buffer
    }

    /// What a member of the classic protocol is told to read, for a leader's sync.
    static func assignment(_ name: String, _ numbers: Int32...) -> ByteBuffer {
        ConsumerAssignment(version: 1, topics: [.init(topic: name, partitions: numbers)]).encoded
    }

    /// What a sync of a member that does not lead is answered with at once; as ``told(_:)``.
    mutating func toldBySync(_ memberID: String, _ generation: Int32) -> [ConsumerTopicPartitions]? {
        let token = syncClassic(memberID, generation)
        return told(token)
    }

    /// What a sync was answered with: partitions by topic. `nil` where it has no answer, or an error.
    func told(_ token: ReplyToken) -> [ConsumerTopicPartitions]? {
        guard let answer = syncs[token], answer.error == .none else { return nil }
        return try? ConsumerAssignment(answer.assignment).topics
    }

    /// Partitions of a topic.
    static func partitions(_ name: String, _ numbers: Int32...) -> PartitionAssignment {
        PartitionAssignment([GroupTopicPartitions(topicID: id(name), partitions: numbers)])
    }
}
