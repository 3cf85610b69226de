import KafkaProtocol
package import NIOCore

extension GroupStateMachine {
    /// A member of the new generation asks for its assignment; the leader brings everybody's.
    package mutating func receivedSync(_ sync: GroupSync, now: NIODeadline) -> [GroupAction] {
        var actions: [GroupAction] = []
        if let problem = problem(with: sync) {
            actions.append(.answerSync(sync.token, .failed(problem)))
            return actions
        }
        switch phase {
        case .empty, .dead:
            actions.append(.answerSync(sync.token, .failed(.unknownMemberID)))
        case .preparingRebalance:
            members[sync.memberID]?.heardOf(now: now)
            actions.append(.answerSync(sync.token, .failed(.rebalanceInProgress)))
        case .completingRebalance:
            if let superseded = members[sync.memberID]?.waitingSync {
                actions.append(.answerSync(superseded, .failed(.rebalanceInProgress)))
            }
            members[sync.memberID]?.waitingSync = sync.token
            members[sync.memberID]?.hasSynced = true
            if sync.memberID == leaderID { assign(sync.assignments, now: now, &actions) }
        case .stable:
            members[sync.memberID]?.hasSynced = true
            members[sync.memberID]?.heardOf(now: now)
            actions.append(.answerSync(sync.token, answer(with: members[sync.memberID]?.assignment)))
        }
        if members.values.allSatisfy(\.hasSynced) { syncDeadline = nil }
        return actions
    }

    private func problem(with sync: GroupSync) -> ErrorCode? {
        if phase == .dead { return .coordinatorNotAvailable }
        if let problem = problem(withMember: sync.memberID, instanceID: sync.instanceID) { return problem }
        if sync.generation != generation { return .illegalGeneration }
        if let type = sync.protocolType, type != protocolType { return .inconsistentGroupProtocol }
        if let name = sync.protocolName, let chosen = protocolName, name != chosen { return .inconsistentGroupProtocol }
        return nil
    }

    private mutating func assign(
        _ assignments: [String: ByteBuffer],
        now: NIODeadline,
        _ actions: inout [GroupAction]
    ) {
        phase = .stable
        for member in membersInOrder {
            let assignment = assignments[member.id] ?? ByteBuffer()
            setAssignment(of: member.id, to: assignment)
            guard let token = member.waitingSync else { continue }
            members[member.id]?.waitingSync = nil
            members[member.id]?.heardOf(now: now)
            actions.append(.answerSync(token, answer(with: assignment)))
        }
    }

    private func answer(with assignment: ByteBuffer?) -> SyncAnswer {
        SyncAnswer(
            error: .none,
            protocolType: protocolType,
            protocolName: protocolName,
            assignment: assignment ?? ByteBuffer()
        )
    }
}
