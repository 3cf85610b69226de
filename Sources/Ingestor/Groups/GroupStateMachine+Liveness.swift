package import KafkaProtocol
package import NIOCore

extension GroupStateMachine {
    /// A member says that it lives.
    ///
    /// - Returns: `.none`, or what the member has to know: above all ``ErrorCode/rebalanceInProgress``.
    package mutating func receivedHeartbeat(
        memberID: String,
        instanceID: String?,
        generation: Int32,
        now: NIODeadline
    ) -> ErrorCode {
        if phase == .dead { return .coordinatorNotAvailable }
        if let problem = problem(withMember: memberID, instanceID: instanceID) { return problem }
        if generation != self.generation { return .illegalGeneration }
        members[memberID]?.heardOf(now: now)
        if case .preparingRebalance = phase { return .rebalanceInProgress }
        return .none
    }

    /// A member leaves; a static one may be named by its instance alone.
    ///
    /// - Returns: whether it was one, and the answers that its leaving brings about.
    package mutating func receivedLeave(
        memberID: String,
        instanceID: String?,
        now: NIODeadline
    ) -> (error: ErrorCode, actions: [GroupAction]) {
        var actions: [GroupAction] = []
        if phase == .dead { return (.coordinatorNotAvailable, actions) }
        if namedButAbsent.removeValue(forKey: memberID) != nil {
            rebalanceIfUnderWay(now: now, &actions)
            return (.none, actions)
        }
        var name = memberID
        if let instanceID, memberID.isEmpty {
            guard let current = staticMembers[instanceID] else { return (.unknownMemberID, actions) }
            name = current
        }
        if let problem = problem(withMember: name, instanceID: instanceID) { return (problem, actions) }
        remove([name], now: now, &actions)
        return (.none, actions)
    }

    /// Time went by: gives up who was not heard of, and closes what has waited long enough.
    package mutating func deadlineReached(now: NIODeadline) -> [GroupAction] {
        var actions: [GroupAction] = []
        let lapsed = namedButAbsent.filter { $0.value <= now }.keys
        for name in lapsed { namedButAbsent[name] = nil }
        if !lapsed.isEmpty { rebalanceIfUnderWay(now: now, &actions) }

        let silent = membersInOrder.filter { member in member.deadline.map { $0 <= now } ?? false }
        remove(silent.map(\.id), now: now, &actions)

        if let deadline = syncDeadline, deadline <= now {
            syncDeadline = nil
            remove(membersInOrder.filter { !$0.hasSynced }.map(\.id), now: now, &actions)
        }
        if case .preparingRebalance(let rebalance) = phase, rebalance.deadline <= now {
            rebalanceDeadlineReached(rebalance, now: now, &actions)
        }
        return actions
    }

    private mutating func remove(_ names: [String], now: NIODeadline, _ actions: inout [GroupAction]) {
        guard !names.isEmpty else { return }
        for name in names {
            guard let member = members[name] else { continue }
            forget(member)
            if let token = member.waitingJoin {
                actions.append(.answerJoin(token, .failed(.unknownMemberID, memberID: name)))
            }
            if let token = member.waitingSync { actions.append(.answerSync(token, .failed(.unknownMemberID))) }
        }
        rebalance(now: now, &actions)
    }

    private mutating func rebalanceIfUnderWay(now: NIODeadline, _ actions: inout [GroupAction]) {
        if case .preparingRebalance = phase { rebalance(now: now, &actions) }
    }
}
