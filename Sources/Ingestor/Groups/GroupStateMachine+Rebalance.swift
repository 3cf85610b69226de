import KafkaProtocol
import NIOCore

extension GroupStateMachine {
    /// Something changed that the next generation must know: start a rebalance, or see whether the one under way is done.
    mutating func rebalance(now: NIODeadline, _ actions: inout [GroupAction]) {
        switch phase {
        case .empty:
            let longest = longestRebalanceTimeout
            let delay = min(settings.initialRebalanceDelay, longest)
            phase = .preparingRebalance(
                PendingRebalance(deadline: now + delay, extensionLeft: longest - delay)
            )
            if delay == .zero { completeJoin(now: now, &actions) }
        case .stable, .completingRebalance:
            for member in membersInOrder {
                guard let token = member.waitingSync else { continue }
                members[member.id]?.waitingSync = nil
                members[member.id]?.heardOf(now: now)
                actions.append(.answerSync(token, .failed(.rebalanceInProgress)))
            }
            for id in members.keys { setAssignment(of: id, to: ByteBuffer()) }
            syncDeadline = nil
            phase = .preparingRebalance(PendingRebalance(deadline: now + longestRebalanceTimeout))
            completeJoinIfAllJoined(now: now, &actions)
        case .preparingRebalance:
            completeJoinIfAllJoined(now: now, &actions)
        case .dead:
            break
        }
    }

    /// The deadline of the rebalance under way is there.
    mutating func rebalanceDeadlineReached(
        _ rebalance: PendingRebalance,
        now: NIODeadline,
        _ actions: inout [GroupAction]
    ) {
        if let left = rebalance.extensionLeft, left > .zero, rebalance.memberArrived {
            let delay = min(settings.initialRebalanceDelay, left)
            phase = .preparingRebalance(PendingRebalance(deadline: now + delay, extensionLeft: left - delay))
        } else {
            completeJoin(now: now, &actions)
        }
    }

    /// The protocol that most members like best, of those that all of them offer.
    func commonProtocol() -> String? {
        let everybody = membersInOrder
        guard let first = everybody.first else { return nil }
        let common = first.protocols.map(\.name).filter { supporters[$0] == everybody.count }
        let commonNames = Set(common)
        var votes: [String: Int] = [:]
        for member in everybody {
            if let vote = member.protocols.first(where: { commonNames.contains($0.name) }) {
                votes[vote.name, default: 0] += 1
            }
        }
        return common.max { (votes[$0] ?? 0) < (votes[$1] ?? 0) }
    }

    private var longestRebalanceTimeout: TimeAmount { members.values.map(\.rebalanceTimeout).max() ?? .zero }

    private mutating func completeJoinIfAllJoined(now: NIODeadline, _ actions: inout [GroupAction]) {
        guard case .preparingRebalance(let rebalance) = phase, rebalance.extensionLeft == nil,
            namedButAbsent.isEmpty, members.values.allSatisfy({ $0.waitingJoin != nil })
        else { return }
        completeJoin(now: now, &actions)
    }

    /// Closes the rebalance with those who are there: a new generation, or an empty group.
    private mutating func completeJoin(now: NIODeadline, _ actions: inout [GroupAction]) {
        for member in members.values where member.waitingJoin == nil && member.instanceID == nil {
            forget(member)
        }
        if members.isEmpty {
            generation += 1
            protocolName = nil
            leaderID = nil
            phase = .empty
            return
        }
        let joined = membersInOrder.filter { $0.waitingJoin != nil }
        guard let eldest = joined.first else {
            // Only static members, none of which has come back yet: they have until their sessions end.
            phase = .preparingRebalance(PendingRebalance(deadline: now + longestRebalanceTimeout))
            return
        }
        if !joined.contains(where: { $0.id == leaderID }) { leaderID = eldest.id }
        startGeneration(now: now, &actions)
    }

    private mutating func startGeneration(now: NIODeadline, _ actions: inout [GroupAction]) {
        generation += 1
        protocolName = commonProtocol()
        phase = .completingRebalance
        syncDeadline = now + longestRebalanceTimeout
        for member in membersInOrder {
            members[member.id]?.waitingJoin = nil
            members[member.id]?.hasSynced = false
            members[member.id]?.firstJoinDeadline = nil
            guard let token = member.waitingJoin else { continue }
            members[member.id]?.heardOf(now: now)
            actions.append(.answerJoin(token, answer(for: member)))
        }
    }

    /// Takes the member out of the lists; what waits for it is the caller's to answer.
    mutating func forget(_ member: GroupMember) {
        drop(member.id)
        if let instanceID = member.instanceID, staticMembers[instanceID] == member.id {
            staticMembers[instanceID] = nil
        }
        if leaderID == member.id { leaderID = nil }
    }
}
