package import KafkaProtocol
package import NIOCore

/// One consumer group of the protocol of KIP-848: its members by epochs, and who is to have which partitions.
///
/// Pure, as ``GroupStateMachine``: heartbeats and the passing of time come in with the time of day and the topics that
/// exist; what a member has to know is returned. No request waits: members learn in their next heartbeat what changed.
///
/// Three numbers tell where a group is. The *group epoch* rises with every change of members, subscriptions and topics; the
/// *assignment epoch* is the group epoch that partitions were last divided in; a *member's epoch* is the assignment epoch that
/// the member has followed: see ``ConsumerGroupMember``.
///
/// Sources: Kafka's `GroupMetadataManager` and `CurrentAssignmentBuilder`; KIP-848, KIP-345 (static members).
package struct ConsumerGroupStateMachine: Sendable {
    private let settings: GroupSettings
    package private(set) var groupEpoch: Int32 = 0
    package private(set) var assignmentEpoch: Int32 = 0
    private var members: [String: ConsumerGroupMember] = [:]
    /// The member id behind each static member's `group.instance.id`.
    private var staticMembers: [String: String] = [:]
    /// What each member is to have in ``assignmentEpoch``.
    private var targets: [String: PartitionAssignment] = [:]
    private var topics = GroupTopics()
    /// The protocols of the members that speak the classic one.
    private var support = ProtocolSupport()
    /// The assignor that divided the partitions last.
    private var assignor = PartitionAssignor.uniform

    package init(settings: GroupSettings) {
        self.settings = settings
    }

    /// A group that spoke the classic protocol until now. Each member has what its leader assigned to it, and may have what
    /// it said when it joined; where two may have the same, nobody else gets it before both have given it up.
    init(
        settings: GroupSettings,
        taking carried: [(member: ClassicMember, subscription: ConsumerSubscription, assignment: ConsumerAssignment)],
        generation: Int32,
        _ view: TopicView,
        now: NIODeadline
    ) {
        self.settings = settings
        (groupEpoch, assignmentEpoch) = (generation, generation)
        // One that has joined since it was told has what it said then.
        let told = carried.map { _, subscription, assignment in
            PartitionAssignment(assignment.topics.isEmpty ? subscription.owned : assignment.topics, in: view)
        }
        var taken = PartitionAssignment()
        for (place, (member, _, _)) in carried.enumerated() {
            targets[member.id] = told[place].subtracting(taken)
            taken = taken.union(told[place])
        }
        for (place, (member, subscription, _)) in carried.enumerated() {
            let assigned = targets[member.id] ?? PartitionAssignment()
            let former = PartitionAssignment(subscription.owned, in: view).subtracting(taken)
                .union(told[place].subtracting(assigned))
            let known = ConsumerGroupMember(member, subscription, assigned: assigned, former: former, now: now)
            members[member.id] = known
            if let instanceID = member.instanceID { staticMembers[instanceID] = member.id }
            count(nil, known.classic)
        }
        countBytes()
    }

    package var isEmpty: Bool { members.isEmpty }

    /// The members' ids, in order.
    package var memberIDs: [String] { members.keys.sorted() }

    package var state: GroupState {
        if members.isEmpty { return .empty }
        if groupEpoch > assignmentEpoch { return .assigning }
        return members.values.allSatisfy { $0.isReconciled(to: assignmentEpoch) } ? .stable : .reconciling
    }

    /// What members and assignments keep here.
    package private(set) var byteCount = 0

    private mutating func countBytes() {
        let own = members.values.reduce(0) { $0 + $1.byteCount }
        byteCount = targets.values.reduce(own + topics.byteCount) { $0 + $1.byteCount }
    }

    /// The next moment at which ``deadlineReached(now:)`` has something to do.
    package var nextDeadline: NIODeadline? { members.values.map(\.deadline).min() }

    /// The group as tools are told of it.
    package var description: ConsumerGroupDescription {
        ConsumerGroupDescription(
            state: state,
            groupEpoch: groupEpoch,
            assignmentEpoch: assignmentEpoch,
            assignor: assignor,
            members: members.values.sorted { $0.id < $1.id }.map { member in
                .init(
                    id: member.id,
                    instanceID: member.instanceID,
                    rackID: member.rackID,
                    client: member.client,
                    isClassic: member.classic != nil,
                    epoch: member.epoch,
                    topicNames: member.topicNames.sorted(),
                    pattern: member.pattern,
                    assigned: member.assigned,
                    target: targets[member.id] ?? PartitionAssignment()
                )
            },
            subscribedTopics: topics.names(readBy: members.values)
        )
    }

    // MARK: Patterns

    /// The patterns of this group, with another one, whose matches in these topics are not known here. That is found out
    /// before the heartbeat is passed in, as it takes time; until then a pattern matches what it matched before.
    package func patternsToResolve(adding pattern: String?, in view: TopicView) -> [String] {
        var patterns = Set(members.values.lazy.map(\.pattern))
        if let pattern { patterns.insert(pattern) }
        patterns.remove("")
        return topics.unresolved(patterns, in: view)
    }

    // MARK: Heartbeat

    /// A member joins, tells that it lives and what it has, or leaves.
    package mutating func receivedHeartbeat(
        _ heartbeat: ConsumerHeartbeat,
        _ view: TopicView,
        now: NIODeadline
    ) -> ConsumerHeartbeatAnswer {
        if heartbeat.epoch < ConsumerGroupHeartbeatRequest.joiningEpoch { return leave(heartbeat) }
        if let refusal = check(heartbeat) ?? checkLimits(heartbeat) { return refusal }
        return follow(heartbeat, view, now: now)
    }

    /// Does what a heartbeat that was checked says, and brings its member nearer to its target.
    private mutating func follow(
        _ heartbeat: ConsumerHeartbeat,
        _ view: TopicView,
        now: NIODeadline
    ) -> ConsumerHeartbeatAnswer {
        let isNew = predecessor(of: heartbeat) == nil
        let before = enter(heartbeat, now: now)
        let hasSubscribed = update(heartbeat, now: now)
        let hasFound = topics.take(heartbeat.matches, for: members.values)
        let readsOther = isNew || hasSubscribed || hasFound
        if readsOther { topics.forgetUnread(by: members.values) }
        let hasChanged = topics.refresh(view, anyway: readsOther, for: members.values)
        if readsOther || hasChanged { groupEpoch += 1 }
        let isDue = groupEpoch > assignmentEpoch
        if isDue { divide() }
        let answer = reconcile(heartbeat, before: before, now: now)
        if readsOther || isDue || answer.assignment != nil { countBytes() }
        return answer
    }

    /// The member that the heartbeat comes from, or whose place it takes.
    private func predecessor(of heartbeat: ConsumerHeartbeat) -> ConsumerGroupMember? {
        members[heartbeat.instanceID.flatMap { staticMembers[$0] } ?? heartbeat.memberID]
    }

    /// Whether this heartbeat can be one of the member's life as the group knows it.
    private func check(_ heartbeat: ConsumerHeartbeat) -> ConsumerHeartbeatAnswer? {
        let isJoin = heartbeat.epoch == ConsumerGroupHeartbeatRequest.joiningEpoch
        if let instanceID = heartbeat.instanceID, let current = staticMembers[instanceID],
            current != heartbeat.memberID
        {
            if !isJoin {
                return .refused(.fencedInstanceID, "the member \(current) has the instance id '\(instanceID)'")
            }
            // One of the classic protocol does not say that it stops.
            guard let other = members[current], other.isPaused || other.classic != nil else {
                return .refused(
                    .unreleasedInstanceID,
                    "the member \(current) has the instance id '\(instanceID)' and has not left"
                )
            }
        }
        if isJoin { return nil }
        guard let member = members[heartbeat.memberID], member.classic == nil,
            heartbeat.instanceID.map({ $0 == member.instanceID }) ?? true
        else { return .unknown(heartbeat.memberID) }
        guard member.accepts(heartbeat.epoch, owned: heartbeat.owned) else {
            return .refused(
                .fencedMemberEpoch,
                "the member is in epoch \(member.epoch), not \(heartbeat.epoch): it has to give up its partitions and "
                    + "join again"
            )
        }
        return nil
    }

    private func checkLimits(_ heartbeat: ConsumerHeartbeat) -> ConsumerHeartbeatAnswer? {
        let known = predecessor(of: heartbeat)
        if known == nil, members.count >= settings.membersMax {
            return .refused(
                .groupMaxSizeReached,
                "the group has \(settings.membersMax) members, the most that it may have"
            )
        }
        if heartbeat.byteCount > 0, byteCount - (known?.byteCount ?? 0) + heartbeat.byteCount > settings.bytesMax {
            return .refused(.groupMaxSizeReached, "the group would keep more than \(settings.bytesMax) bytes")
        }
        guard let pattern = heartbeat.pattern, !pattern.isEmpty else { return nil }
        let patterns = Set(members.values.lazy.map(\.pattern)).union([pattern]).subtracting([""])
        guard patterns.count <= settings.patternsMax else {
            return .refused(
                .invalidRegularExpression,
                "the members of a group have at most \(settings.patternsMax) different regular expressions"
            )
        }
        return nil
    }

    /// Makes the member of a heartbeat that joins, or puts it in its predecessor's place.
    ///
    /// - Returns: what the member had before; `nil` where it is new.
    private mutating func enter(_ heartbeat: ConsumerHeartbeat, now: NIODeadline) -> PartitionAssignment? {
        let id = heartbeat.memberID
        if heartbeat.epoch != ConsumerGroupHeartbeatRequest.joiningEpoch { return members[id]?.assigned }
        if let instanceID = heartbeat.instanceID, let old = staticMembers[instanceID], old != id,
            let predecessor = members.removeValue(forKey: old)
        {
            count(predecessor.classic, nil)
            members[id] = ConsumerGroupMember(id: id, replacing: predecessor)
            targets[id] = targets.removeValue(forKey: old)
            staticMembers[instanceID] = id
        } else if members[id] == nil {
            members[id] = ConsumerGroupMember(id: id, client: heartbeat.client, now: now)
        } else {
            members[id]?.startOver()
        }
        return nil
    }

    /// Writes down what the member says of itself.
    ///
    /// - Returns: whether it reads other topics than before.
    private mutating func update(_ heartbeat: ConsumerHeartbeat, now: NIODeadline) -> Bool {
        guard var member = members[heartbeat.memberID] else { return false }
        let (names, pattern) = (member.topicNames, member.pattern)
        member.client = heartbeat.client
        member.sessionDeadline = now + (heartbeat.classic?.sessionTimeout ?? settings.consumerSessionTimeout)
        count(member.classic, heartbeat.classic)
        member.classic = heartbeat.classic
        if let rack = heartbeat.rackID { member.rackID = rack }
        if let timeout = heartbeat.rebalanceTimeout { member.rebalanceTimeout = timeout }
        if heartbeat.assignor != nil || heartbeat.classic != nil { member.assignor = heartbeat.assignor }
        if let names = heartbeat.topicNames { member.topicNames = names }
        if let pattern = heartbeat.pattern { member.pattern = pattern }
        if let instanceID = heartbeat.instanceID {
            if let former = member.instanceID, former != instanceID { staticMembers[former] = nil }
            member.instanceID = instanceID
            staticMembers[instanceID] = member.id
        }
        members[member.id] = member
        return member.topicNames != names || member.pattern != pattern
    }

    // MARK: Assignment

    /// Divides all partitions anew, by the assignor that most members prefer.
    private mutating func divide() {
        var votes: [PartitionAssignor: Int] = [:]
        for member in members.values { if let vote = member.assignor { votes[vote, default: 0] += 1 } }
        assignor = votes[.range, default: 0] > votes[.uniform, default: 0] ? .range : .uniform
        // Members that ask for the same read the same.
        var read: [Set<String>: [String: Set<KafkaUUID>]] = [:]
        let readers = members.values.map { member in
            let topics = read[member.topicNames]?[member.pattern] ?? self.topics.ids(readBy: member)
            read[member.topicNames, default: [:]][member.pattern] = topics
            return PartitionAssignor.Member(
                id: member.id,
                instanceID: member.instanceID,
                topics: topics,
                before: targets[member.id] ?? PartitionAssignment()
            )
        }
        targets = assignor.assignment(of: topics.partitionCounts, to: readers)
        assignmentEpoch = groupEpoch
    }

    /// Brings the member nearer to its target, and tells it what it needs to know.
    private mutating func reconcile(
        _ heartbeat: ConsumerHeartbeat,
        before: PartitionAssignment?,
        now: NIODeadline
    ) -> ConsumerHeartbeatAnswer {
        guard var member = members[heartbeat.memberID] else { return .unknown(heartbeat.memberID) }
        if !member.isReconciled(to: assignmentEpoch) {
            let target = ConsumerGroupMember.Target(
                epoch: assignmentEpoch,
                partitions: targets[member.id] ?? PartitionAssignment(),
                topics: topics.ids(readBy: member)
            )
            member.reconcile(to: target, owned: heartbeat.owned, othersHold: held(butBy: heartbeat.memberID), now: now)
            members[member.id] = member
        }
        let tells = heartbeat.isFull || member.assigned != before
        return ConsumerHeartbeatAnswer(
            memberID: member.id,
            epoch: member.epoch,
            assignment: tells ? member.assigned : nil
        )
    }

    private func held(butBy id: String) -> PartitionAssignment {
        let others = members.values.lazy.filter { $0.id != id }
        return PartitionAssignment(others.flatMap { $0.held.topics.map { (topic: $0.key, partitions: $0.value) } })
    }

    // MARK: Members of the classic protocol

    /// Whether there are members, and all of them speak the classic protocol.
    var isAllClassic: Bool { !members.isEmpty && support.memberCount == members.count }

    /// The members as they go into a group of the classic protocol.
    var carried: [ClassicMember] {
        members.values.sorted { $0.id < $1.id }.compactMap { member in
            guard let classic = member.classic else { return nil }
            return ClassicMember(
                id: member.id,
                instanceID: member.instanceID,
                client: member.client,
                sessionTimeout: classic.sessionTimeout,
                rebalanceTimeout: member.rebalanceTimeout,
                protocols: classic.protocols,
                generation: member.epoch,
                assignment: ConsumerAssignment(version: classic.version, topics: topics.named(member.held)).encoded
            )
        }
    }

    private mutating func count(_ before: ClassicMembership?, _ after: ClassicMembership?) {
        if let before { support.remove(before.protocols) }
        if let after { support.add(after.protocols) }
    }

    /// A member of the classic protocol joins: it learns its epoch, as a generation that nobody leads.
    mutating func receivedJoin(_ join: GroupJoin, _ view: TopicView, now: NIODeadline) -> JoinAnswer {
        guard let subscription = ClassicMembership.subscription(in: join.protocols) else {
            return .failed(.inconsistentGroupProtocol, memberID: join.memberID)
        }
        if let problem = check(join, subscription) { return .failed(problem, memberID: join.memberID) }
        let isNew = join.memberID.isEmpty
        let id = isNew ? join.proposedMemberID : join.memberID
        let heartbeat = ConsumerHeartbeat(
            join,
            subscription,
            as: id,
            epoch: members[id]?.epoch ?? ConsumerGroupHeartbeatRequest.joiningEpoch,
            in: view,
            now: now
        )
        if let refusal = checkLimits(heartbeat) { return .failed(refusal.error, memberID: join.memberID) }
        if isNew, join.instanceID == nil, join.mustKnowMemberID { return .failed(.memberIDRequired, memberID: id) }
        let answer = follow(heartbeat, view, now: now)
        return JoinAnswer(
            error: answer.error,
            generation: answer.epoch,
            protocolType: ConsumerSubscription.protocolType,
            protocolName: heartbeat.classic?.protocolName,
            leaderID: "",
            skipAssignment: false,
            memberID: id,
            members: []
        )
    }

    private func check(_ join: GroupJoin, _ subscription: ConsumerSubscription) -> ErrorCode? {
        guard join.sessionTimeout >= settings.sessionTimeoutMin, join.sessionTimeout <= settings.sessionTimeoutMax
        else {
            return .invalidSessionTimeout
        }
        if join.protocols.count > settings.protocolsMax { return .invalidRequest }
        var known = members[join.memberID]
        if let instanceID = join.instanceID {
            let current = staticMembers[instanceID]
            if join.memberID.isEmpty {
                known = current.flatMap { members[$0] }
            } else if let problem = check(join.memberID, instanceID: instanceID) {
                return problem
            }
        } else if let known {
            if known.classic == nil { return .unknownMemberID }
        } else if !join.memberID.isEmpty, !subscription.owned.isEmpty {
            // It was removed, and what it reads may be another's now. One that has nothing may come under any id.
            return .unknownMemberID
        }
        guard join.protocolType == ConsumerSubscription.protocolType,
            support.hasCommon(with: join.protocols, inPlaceOf: known?.classic?.protocols)
        else { return .inconsistentGroupProtocol }
        return nil
    }

    /// Whether this is a member, and speaks the classic protocol; Kafka's error where it is not.
    private func check(_ memberID: String, instanceID: String?) -> ErrorCode? {
        if let instanceID {
            guard let current = staticMembers[instanceID] else { return .unknownMemberID }
            if current != memberID { return .fencedInstanceID }
        }
        return members[memberID]?.classic == nil ? .unknownMemberID : nil
    }

    /// A member of the classic protocol asks for its partitions.
    mutating func receivedSync(_ sync: GroupSync, now: NIODeadline) -> SyncAnswer {
        if let problem = check(sync.memberID, instanceID: sync.instanceID) { return .failed(problem) }
        guard var member = members[sync.memberID], let classic = member.classic else {
            return .failed(.unknownMemberID)
        }
        guard member.epoch == sync.generation else { return .failed(.illegalGeneration) }
        guard sync.protocolType.map({ $0 == ConsumerSubscription.protocolType }) ?? true,
            sync.protocolName.map({ $0 == classic.protocolName }) ?? true
        else { return .failed(.inconsistentGroupProtocol) }
        // One that has to give up something hears of the next epoch when it has.
        if groupEpoch > member.epoch, member.state != .unrevokedPartitions {
            tellToJoin(&member, now: now)
            return .failed(.rebalanceInProgress)
        }
        member.sessionDeadline = now + classic.sessionTimeout
        member.classic?.syncDeadline = nil
        members[member.id] = member
        return SyncAnswer(
            error: .none,
            protocolType: ConsumerSubscription.protocolType,
            protocolName: classic.protocolName,
            assignment: ConsumerAssignment(version: classic.version, topics: topics.named(member.assigned)).encoded
        )
    }

    private mutating func tellToJoin(_ member: inout ConsumerGroupMember, now: NIODeadline) {
        if member.classic?.joinDeadline == nil { member.classic?.joinDeadline = now + member.rebalanceTimeout }
        members[member.id] = member
    }

    /// A heartbeat of a member of the classic protocol.
    mutating func receivedHeartbeat(
        memberID: String,
        instanceID: String?,
        generation: Int32,
        _ view: TopicView,
        now: NIODeadline
    ) -> ErrorCode {
        if let problem = check(memberID, instanceID: instanceID) { return problem }
        guard var member = members[memberID], let classic = member.classic else { return .unknownMemberID }
        guard member.epoch == generation else { return .illegalGeneration }
        if topics.refresh(view, anyway: false, for: members.values) { groupEpoch += 1 }
        member.sessionDeadline = now + classic.sessionTimeout
        let mustJoin = member.mustJoin(
            in: groupEpoch,
            for: (targets[memberID] ?? PartitionAssignment()).restricted(to: topics.ids(readBy: member)),
            othersHold: held(butBy: memberID)
        )
        guard mustJoin else {
            members[memberID] = member
            return .none
        }
        tellToJoin(&member, now: now)
        return .rebalanceInProgress
    }

    /// A member of the classic protocol leaves; a static one may be named by its instance alone.
    mutating func receivedLeave(memberID: String, instanceID: String?) -> ErrorCode {
        var id = memberID
        if let instanceID, memberID.isEmpty { id = staticMembers[instanceID] ?? "" }
        if let problem = check(id, instanceID: instanceID) { return problem }
        remove(id)
        return .none
    }

    // MARK: Commit, leave, time

    /// Whether this member may commit offsets now; as in ``GroupStateMachine/receivedCommit(memberID:instanceID:generation:now:)``
    /// one without an epoch may while the group has no members.
    ///
    /// - Parameter carriesEpoch: Whether the request's number is a member's epoch: in versions before it is a generation, which
    ///   members here do not have.
    package func checkCommit(memberID: String, epoch: Int32, carriesEpoch: Bool) -> ErrorCode {
        if epoch < 0, members.isEmpty { return .none }
        guard let member = members[memberID] else { return .unknownMemberID }
        if member.classic != nil { return member.epoch == epoch ? .none : .illegalGeneration }
        guard carriesEpoch else { return .unsupportedVersion }
        return member.epoch == epoch ? .none : .staleMemberEpoch
    }

    /// Whether this member may read committed offsets now; who is no member may, at any time.
    package func checkFetch(memberID: String?, epoch: Int32) -> ErrorCode {
        guard let memberID, epoch >= 0 else { return .none }
        guard let member = members[memberID] else { return .unknownMemberID }
        if member.epoch == epoch { return .none }
        return member.classic == nil ? .staleMemberEpoch : .illegalGeneration
    }

    private mutating func leave(_ heartbeat: ConsumerHeartbeat) -> ConsumerHeartbeatAnswer {
        let id = heartbeat.memberID
        if let instanceID = heartbeat.instanceID {
            guard let current = staticMembers[instanceID] else { return .unknown(id) }
            guard current == id else {
                return .refused(.fencedInstanceID, "the member \(current) has the instance id '\(instanceID)'")
            }
        }
        guard let member = members[id], member.classic == nil else { return .unknown(id) }
        if heartbeat.epoch == ConsumerGroupHeartbeatRequest.pausingEpoch {
            members[id]?.pause()
        } else {
            remove(id)
        }
        return ConsumerHeartbeatAnswer(memberID: id, epoch: heartbeat.epoch)
    }

    /// Removes members whose session has ended, and those that did not give up partitions in time.
    package mutating func deadlineReached(now: NIODeadline) {
        for member in members.values where member.deadline <= now { remove(member.id) }
    }

    private mutating func remove(_ id: String) {
        guard let member = members.removeValue(forKey: id) else { return }
        targets[id] = nil
        count(member.classic, nil)
        if let instanceID = member.instanceID, staticMembers[instanceID] == id { staticMembers[instanceID] = nil }
        topics.forgetUnread(by: members.values)
        countBytes()
        groupEpoch += 1
    }
}
