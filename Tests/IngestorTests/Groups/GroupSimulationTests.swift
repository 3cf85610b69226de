import Ingestor
import KafkaProtocol
import NIOCore
import PipelineTesting
import Testing

/// Clients that join, crash, fall silent and return at random, and what must hold all the while:
///
/// 1. a generation has one leader, and all its members are told the same protocol and leader;
/// 2. whoever gets an assignment gets the one that the leader of that very generation made for it;
/// 3. nobody commits for a generation that is over, or without being a member;
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

    /// No more faults: within a bounded time everybody is in and has work.
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
