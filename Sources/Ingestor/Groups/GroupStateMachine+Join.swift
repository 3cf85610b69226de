import KafkaProtocol
package import NIOCore

extension GroupStateMachine {
    /// A member asks to be in the next generation. Its answer may come at once or with a later event.
    package mutating func receivedJoin(_ join: GroupJoin, now: NIODeadline) -> [GroupAction] {
        var actions: [GroupAction] = []
        if phase == .dead {
            actions.refuse(join, with: .coordinatorNotAvailable)
        } else if join.sessionTimeout < settings.sessionTimeoutMin || join.sessionTimeout > settings.sessionTimeoutMax {
            actions.refuse(join, with: .invalidSessionTimeout)
        } else if join.protocols.count > settings.protocolsMax {
            actions.refuse(join, with: .invalidRequest)
        } else if byteCount - (duplicate(of: join)?.byteCount ?? 0) + join.byteCount > settings.bytesMax {
            actions.refuse(join, with: .groupMaxSizeReached)
        } else if !offersCommonProtocol(join) {
            actions.refuse(join, with: .inconsistentGroupProtocol)
        } else if join.memberID.isEmpty {
            joinNameless(join, now: now, &actions)
        } else if namedButAbsent[join.memberID] != nil {
            joinNamed(join, now: now, &actions)
        } else if let problem = problem(withMember: join.memberID, instanceID: join.instanceID) {
            actions.refuse(join, with: problem)
        } else {
            rejoin(join, now: now, &actions)
        }
        return actions
    }

    /// The connection that waited for a join or a sync is gone. A member that waited for a join is kept no longer than
    /// its session: without this, a crashed client would count as joined and hold up everybody in the next phase.
    package mutating func abandoned(_ token: ReplyToken, now: NIODeadline) {
        for id in members.keys {
            if members[id]?.waitingJoin == token {
                members[id]?.waitingJoin = nil
                members[id]?.firstJoinDeadline = nil
                members[id]?.heardOf(now: now)
            } else if members[id]?.waitingSync == token {
                members[id]?.waitingSync = nil
                members[id]?.hasSynced = false
                members[id]?.heardOf(now: now)
            }
        }
    }

    /// Whether the group could still choose a protocol that everybody offers, with this member in it.
    private func offersCommonProtocol(_ join: GroupJoin) -> Bool {
        guard !join.protocolType.isEmpty, !join.protocols.isEmpty else { return false }
        if members.isEmpty { return true }
        guard join.protocolType == protocolType else { return false }
        // What the member itself said before does not count.
        let before = duplicate(of: join)
        let own = Set(before?.protocols.map(\.name) ?? [])
        let others = members.count - (before == nil ? 0 : 1)
        return join.protocols.contains { offered in
            (supporters[offered.name] ?? 0) - (own.contains(offered.name) ? 1 : 0) == others
        }
    }

    /// The member that this join comes from, or takes the place of.
    private func duplicate(of join: GroupJoin) -> GroupMember? {
        members[join.instanceID.flatMap { staticMembers[$0] } ?? join.memberID]
    }

    private mutating func joinNameless(_ join: GroupJoin, now: NIODeadline, _ actions: inout [GroupAction]) {
        if let instanceID = join.instanceID, let current = staticMembers[instanceID] {
            replaceStaticMember(current, by: join, now: now, &actions)
            return
        }
        guard members.count + namedButAbsent.count < settings.membersMax else {
            actions.refuse(join, with: .groupMaxSizeReached)
            return
        }
        if join.instanceID == nil, join.mustKnowMemberID {
            namedButAbsent[join.proposedMemberID] = now + join.sessionTimeout
            actions.append(
                .answerJoin(join.token, .failed(.memberIDRequired, memberID: join.proposedMemberID))
            )
            return
        }
        add(join, as: join.proposedMemberID, now: now, &actions)
    }

    private mutating func joinNamed(_ join: GroupJoin, now: NIODeadline, _ actions: inout [GroupAction]) {
        guard join.instanceID == nil else {
            actions.refuse(join, with: .unknownMemberID)
            return
        }
        namedButAbsent[join.memberID] = nil
        add(join, as: join.memberID, now: now, &actions)
    }

    private mutating func add(
        _ join: GroupJoin,
        as memberID: String,
        now: NIODeadline,
        _ actions: inout [GroupAction]
    ) {
        if members.isEmpty { protocolType = join.protocolType }
        keep(
            GroupMember(
                id: memberID,
                instanceID: join.instanceID,
                arrival: nextArrival(),
                sessionTimeout: join.sessionTimeout,
                rebalanceTimeout: join.rebalanceTimeout,
                protocols: join.protocols,
                waitingJoin: join.token,
                sessionDeadline: now + join.sessionTimeout,
                firstJoinDeadline: now + settings.newMemberJoinTimeout
            )
        )
        if let instanceID = join.instanceID { staticMembers[instanceID] = memberID }
        if leaderID == nil { leaderID = memberID }
        if case .preparingRebalance(var rebalance) = phase {
            rebalance.memberArrived = true
            phase = .preparingRebalance(rebalance)
        }
        rebalance(now: now, &actions)
    }

    private mutating func rejoin(_ join: GroupJoin, now: NIODeadline, _ actions: inout [GroupAction]) {
        guard let member = members[join.memberID] else { return }
        switch phase {
        case .completingRebalance where member.protocols == join.protocols,
            .stable where member.protocols == join.protocols && leaderID != member.id:
            // The answer to its join was lost on the way, or nothing changed for a follower: the same answer again.
            members[member.id]?.heardOf(now: now)
            actions.append(.answerJoin(join.token, answer(for: member)))
        case .preparingRebalance, .completingRebalance, .stable:
            update(join, now: now, &actions)
            rebalance(now: now, &actions)
        case .empty, .dead:
            actions.refuse(join, with: .unknownMemberID)
        }
    }

    /// Takes over what the member says now, and lets it wait for the next generation.
    mutating func update(_ join: GroupJoin, now: NIODeadline, _ actions: inout [GroupAction]) {
        guard var member = members[join.memberID] else { return }
        if let superseded = member.waitingJoin {
            actions.append(
                .answerJoin(superseded, .failed(.rebalanceInProgress, memberID: join.memberID))
            )
        }
        member.protocols = join.protocols
        member.sessionTimeout = join.sessionTimeout
        member.rebalanceTimeout = join.rebalanceTimeout
        member.waitingJoin = join.token
        member.heardOf(now: now)
        keep(member)
    }

    /// What this member is told of the generation that there is.
    func answer(for member: GroupMember) -> JoinAnswer {
        JoinAnswer(
            error: .none,
            generation: generation,
            protocolType: protocolType,
            protocolName: protocolName,
            leaderID: leaderID ?? "",
            skipAssignment: false,
            memberID: member.id,
            members: member.id == leaderID ? roster : []
        )
    }

    /// Everybody in this generation, as the leader is told.
    var roster: [JoinAnswer.Member] {
        membersInOrder.map {
            JoinAnswer.Member(id: $0.id, instanceID: $0.instanceID, metadata: $0.metadata(for: protocolName))
        }
    }
}
