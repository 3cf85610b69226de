import Ingestor
import KafkaProtocol
import NIOCore

/// A group with a clock that stands still until it is told: requests go in by name, answers are kept by token.
struct GroupHarness {
    var machine: GroupStateMachine
    var now = NIODeadline.uptimeNanoseconds(1_000_000_000)
    private(set) var joins: [ReplyToken: JoinAnswer] = [:]
    private(set) var syncs: [ReplyToken: SyncAnswer] = [:]
    private var tokens: UInt64 = 0
    private var names = 0

    init(initialDelay: TimeAmount = .zero, membersMax: Int = 100) {
        var settings = GroupSettings()
        settings.initialRebalanceDelay = initialDelay
        settings.membersMax = membersMax
        machine = GroupStateMachine(settings: settings)
    }

    mutating func join(
        _ memberID: String = "",
        instance: String? = nil,
        mustKnow: Bool = false,
        canSkip: Bool = false,
        session: TimeAmount = .seconds(10),
        rebalance: TimeAmount = .seconds(60),
        type: String = "consumer",
        protocols: [String] = ["range"],
        metadata: String = ""
    ) -> ReplyToken {
        let token = nextToken()
        names += 1
        let join = GroupJoin(
            token: token,
            memberID: memberID,
            instanceID: instance,
            proposedMemberID: "member-\(names)",
            mustKnowMemberID: mustKnow,
            canSkipAssignment: canSkip,
            sessionTimeout: session,
            rebalanceTimeout: rebalance,
            protocolType: type,
            protocols: protocols.map { GroupProtocol(name: $0, metadata: ByteBuffer(string: metadata)) }
        )
        run { $0.receivedJoin(join, now: $1) }
        return token
    }

    mutating func sync(
        _ memberID: String,
        generation: Int32,
        instance: String? = nil,
        type: String? = nil,
        name: String? = nil,
        assignments: [String: String] = [:]
    ) -> ReplyToken {
        let token = nextToken()
        let sync = GroupSync(
            token: token,
            generation: generation,
            memberID: memberID,
            instanceID: instance,
            protocolType: type,
            protocolName: name,
            assignments: assignments.mapValues { ByteBuffer(string: $0) }
        )
        run { $0.receivedSync(sync, now: $1) }
        return token
    }

    mutating func heartbeat(_ memberID: String, generation: Int32, instance: String? = nil) -> ErrorCode {
        machine.receivedHeartbeat(memberID: memberID, instanceID: instance, generation: generation, now: now)
    }

    mutating func leave(_ memberID: String, instance: String? = nil) -> ErrorCode {
        var error = ErrorCode.none
        run { machine, now in
            let result = machine.receivedLeave(memberID: memberID, instanceID: instance, now: now)
            error = result.error
            return result.actions
        }
        return error
    }

    mutating func commit(_ memberID: String, generation: Int32, instance: String? = nil) -> ErrorCode {
        machine.receivedCommit(memberID: memberID, instanceID: instance, generation: generation, now: now)
    }

    mutating func abandon(_ token: ReplyToken) {
        machine.abandoned(token, now: now)
    }

    /// Lets time go by, ringing at each deadline on the way.
    mutating func advance(_ time: TimeAmount) {
        let end = now + time
        while let deadline = machine.nextDeadline, deadline <= end {
            now = max(now, deadline)
            run { $0.deadlineReached(now: $1) }
        }
        now = end
    }

    mutating func close() {
        run { machine, _ in machine.closed() }
    }

    /// Brings a group of these many dynamic members to `stable`; the first leads.
    mutating func stableGroup(of count: Int) -> [String] {
        let tokens = (0..<count).map { _ in join() }
        if count > 1 { rejoinAll(but: tokens) }
        let members = machine.memberIDs
        let leader = machine.leaderID ?? ""
        for member in members where member != leader { _ = sync(member, generation: machine.generation) }
        _ = sync(
            leader,
            generation: machine.generation,
            assignments: Dictionary(uniqueKeysWithValues: members.map { ($0, "for \($0)") })
        )
        return members
    }

    /// With no initial delay the first member makes a generation of its own at once; it must come back for the others.
    private mutating func rejoinAll(but waiting: [ReplyToken]) {
        let answered = waiting.compactMap { joins[$0]?.memberID }
        for member in answered { _ = join(member, metadata: "again") }
    }

    private mutating func nextToken() -> ReplyToken {
        tokens += 1
        return ReplyToken(tokens)
    }

    private mutating func run(_ event: (inout GroupStateMachine, NIODeadline) -> [GroupAction]) {
        for action in event(&machine, now) {
            switch action {
            case .answerJoin(let token, let answer):
                precondition(joins.updateValue(answer, forKey: token) == nil, "\(token) was answered twice")
            case .answerSync(let token, let answer):
                precondition(syncs.updateValue(answer, forKey: token) == nil, "\(token) was answered twice")
            }
        }
    }
}
