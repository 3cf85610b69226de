import Ingestor
import KafkaProtocol
import NIOCore
import PipelineTesting
import Testing

/// Clients that join, crash, fall silent and return at random, and what must hold all the while:
///
/// 1. a generation has one leader, and all its members are told the same protocol and leader;
/// 2. a member that gets an assignment gets the one that the leader of its generation made for it;
/// 3. no commit is accepted for an earlier generation, or of a client that is not a member;
/// 4. generations only grow;
/// 5. no request is answered twice (the harness stops the test), and when the faults end the group becomes stable with
///    everybody in it.
@Suite struct GroupSimulationTests {
    private struct Violation: Error, CustomStringConvertible {
        let description: String
    }

    /// A membership that was real once, to be misused later.
    private struct Ghost {
        let memberID: String
        let generation: Int32
    }

    @Test(arguments: Seeds.chosen(Array(1...60)))
    func invariantsHold(seed: UInt64) throws {
        try withSeed(seed) { generator in
            let delay: TimeAmount = generator.chance(1, in: 2) ? .zero : .milliseconds(100)
            var group = GroupHarness(initialDelay: delay)
            var clients = [SimulatedClient](
                repeating: SimulatedClient(),
                count: Int.random(in: 1...6, using: &generator)
            )
            var ghosts: [Ghost] = []
            for _ in 0..<400 {
                let before = group.machine.generation
                try step(&group, &clients, &ghosts, using: &generator)
                guard group.machine.generation >= before else { throw Violation(description: "a generation came back") }
                try check(group, clients)
            }
            try settle(&group, &clients, using: &generator)
        }
    }

    private func step(
        _ group: inout GroupHarness,
        _ clients: inout [SimulatedClient],
        _ ghosts: inout [Ghost],
        using generator: inout SeededGenerator
    ) throws {
        let index = Int.random(in: clients.indices, using: &generator)
        clients[index].receive(from: group)
        switch Int.random(in: 0..<20, using: &generator) {
        case 0:
            ghosts.append(Ghost(memberID: clients[index].memberID, generation: clients[index].generation))
            clients[index].crash(in: &group, seen: generator.chance(2, in: 3))
        case 1:
            let left = clients[index]
            if left.phase == .member { _ = group.leave(left.memberID) }
            if left.phase == .member { clients[index] = SimulatedClient() }
        case 2...6:
            group.advance(.milliseconds(Int64.random(in: 1...4000, using: &generator)))
        case 7:
            guard let ghost = ghosts.randomElement(using: &generator) else { return }
            try haunt(ghost, &group)
        default:
            clients[index].act(on: &group, using: &generator)
        }
    }

    /// A request from a life that is over.
    private func haunt(_ ghost: Ghost, _ group: inout GroupHarness) throws {
        let isCurrent =
            group.machine.memberIDs.contains(ghost.memberID) && ghost.generation == group.machine.generation
        let isAnonymous = ghost.generation < 0 && group.machine.memberIDs.isEmpty
        let error = group.commit(ghost.memberID, generation: ghost.generation)
        if error == .none, !isCurrent, !isAnonymous {
            throw Violation(description: "\(ghost) committed in generation \(group.machine.generation)")
        }
    }

    private func check(_ group: GroupHarness, _ clients: [SimulatedClient]) throws {
        var leaders: [Int32: String] = [:]
        for answer in group.joins.values where answer.error == .none {
            if let leader = leaders[answer.generation], leader != answer.leaderID {
                throw Violation(
                    description: "generation \(answer.generation) has leaders \(leader), \(answer.leaderID)"
                )
            }
            leaders[answer.generation] = answer.leaderID
            if answer.members.isEmpty == (answer.leaderID == answer.memberID) {
                throw Violation(description: "only the leader is told of all members: \(answer)")
            }
        }
        for client in clients where client.phase == .member {
            let work = SimulatedClient.work(of: client.memberID, generation: client.generation)
            if client.assignment != ByteBuffer(string: work) {
                throw Violation(
                    description: "\(client.memberID) of generation \(client.generation) was given other work"
                )
            }
        }
    }

    /// No more faults: within a bounded time all clients are members and have assignments.
    private func settle(
        _ group: inout GroupHarness,
        _ clients: inout [SimulatedClient],
        using generator: inout SeededGenerator
    ) throws {
        for _ in 0..<400 {
            for index in clients.indices {
                clients[index].receive(from: group)
                clients[index].act(on: &group, using: &generator)
            }
            group.advance(.milliseconds(500))
            try check(group, clients)
            let names = Set(clients.map(\.memberID))
            if group.machine.phase == .stable, clients.allSatisfy({ $0.phase == .member }),
                Set(group.machine.memberIDs) == names
            {
                return
            }
        }
        throw Violation(description: "not stable in 200 s: \(group.machine.phase), \(clients.map(\.phase))")
    }
}

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
