import Ingestor
import KafkaProtocol
import NIOCore
import PipelineTesting

/// A client in the simulation of a group: it follows the protocol, forgets its answers, crashes and comes back.
struct SimulatedClient {
    enum Phase: Equatable {
        case outside
        case joining(ReplyToken)
        case joined
        case syncing(ReplyToken)
        case member
    }

    var phase = Phase.outside
    var memberID = ""
    var generation: Int32 = -1
    /// The members to assign to, where this client leads.
    var roster: [String] = []
    /// What it was assigned, for checks.
    var assignment: ByteBuffer?

    /// Looks for answers to what it asked.
    mutating func receive(from group: GroupHarness) {
        switch phase {
        case .joining(let token):
            guard let answer = group.joins[token] else { return }
            receive(answer)
        case .syncing(let token):
            guard let answer = group.syncs[token] else { return }
            if answer.error == .none {
                assignment = answer.assignment
                phase = .member
            } else {
                fail(answer.error)
            }
        case .outside, .joined, .member: break
        }
    }

    /// Its next request where all is well.
    mutating func act(on group: inout GroupHarness, using generator: inout SeededGenerator) {
        switch phase {
        case .outside:
            phase = .joining(
                group.join(
                    memberID,
                    mustKnow: generator.chance(1, in: 2),
                    protocols: ["range"],
                    metadata: "\(Int.random(in: 0..<2, using: &generator))"
                )
            )
        case .joined:
            let assignments = Dictionary(
                uniqueKeysWithValues: roster.map { ($0, Self.work(of: $0, generation: generation)) }
            )
            phase = .syncing(group.sync(memberID, generation: generation, assignments: assignments))
        case .member:
            let error = group.heartbeat(memberID, generation: generation)
            if error != .none { fail(error) }
        case .joining, .syncing: break
        }
    }

    /// It dies, and starts again without its name; the connection may be seen to close, or not.
    mutating func crash(in group: inout GroupHarness, seen: Bool) {
        switch phase {
        case .joining(let token), .syncing(let token): if seen { group.abandon(token) }
        case .outside, .joined, .member: break
        }
        self = SimulatedClient()
    }

    /// What a leader of this generation assigns to a member: different for each.
    static func work(of member: String, generation: Int32) -> String { "\(generation)/\(member)" }

    private mutating func receive(_ answer: JoinAnswer) {
        switch answer.error {
        case .none:
            memberID = answer.memberID
            generation = answer.generation
            roster = answer.members.map(\.id)
            phase = .joined
        case .memberIDRequired:
            memberID = answer.memberID
            phase = .outside
        default:
            fail(answer.error)
        }
    }

    private mutating func fail(_ error: ErrorCode) {
        if error == .unknownMemberID { memberID = "" }
        assignment = nil
        phase = .outside
    }
}
