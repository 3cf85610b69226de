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
    /// What was found for the members' patterns.
    private var matches: [String: PatternMatches] = [:]
    /// The topics that members read and that exist, as of ``seenChange``.
    private var topics: [String: TopicView.Topic] = [:]
    private var seenChange: UInt64?
    /// The assignor that divided the partitions last.
    private var assignor = PartitionAssignor.uniform

    package init(settings: GroupSettings) {
        self.settings = settings
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
        let aims = targets.values.reduce(own) { $0 + $1.byteCount }
        byteCount = matches.values.reduce(aims) { $0 + $1.byteCount }
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
                    epoch: member.epoch,
                    topicNames: member.topicNames.sorted(),
                    pattern: member.pattern,
                    assigned: member.assigned,
                    target: targets[member.id] ?? PartitionAssignment()
                )
            },
            subscribedTopics: namesRead
        )
    }

    // MARK: Patterns

    /// The patterns of this group, with another one, whose matches in these topics are not known here. That is found out
    /// before the heartbeat is passed in, as it takes time; until then a pattern matches what it matched before.
    package func patternsToResolve(adding pattern: String?, in view: TopicView) -> [String] {
        var patterns = Set(members.values.lazy.map(\.pattern))
        if let pattern { patterns.insert(pattern) }
        patterns.remove("")
        return patterns.filter { (matches[$0]?.change).map { $0 < view.change } ?? true }.sorted()
    }

    /// Keeps what was found for patterns of members.
    ///
    /// - Returns: whether any matches other topics than before.
    private mutating func take(_ found: [String: PatternMatches]) -> Bool {
        guard !found.isEmpty else { return false }
        var isOther = false
        let used = Set(members.values.lazy.map(\.pattern))
        for (pattern, new) in found where used.contains(pattern) {
            if let known = matches[pattern], known.change >= new.change { continue }
            isOther = isOther || matches[pattern]?.topics != new.topics
            matches[pattern] = new
        }
        return isOther
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
        let isNew = predecessor(of: heartbeat) == nil
        let before = enter(heartbeat, now: now)
        let hasSubscribed = update(heartbeat, now: now)
        let hasFound = take(heartbeat.matches)
        let readsOther = isNew || hasSubscribed || hasFound
        if readsOther { forgetUnread() }
        if refreshTopics(view, anyway: readsOther) || readsOther { groupEpoch += 1 }
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
            guard members[current]?.isPaused == true else {
                return .refused(
                    .unreleasedInstanceID,
                    "the member \(current) has the instance id '\(instanceID)' and has not left"
                )
            }
        }
        if isJoin { return nil }
        guard let member = members[heartbeat.memberID], heartbeat.instanceID.map({ $0 == member.instanceID }) ?? true
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
        member.sessionDeadline = now + settings.consumerSessionTimeout
        if let rack = heartbeat.rackID { member.rackID = rack }
        if let timeout = heartbeat.rebalanceTimeout { member.rebalanceTimeout = timeout }
        if let assignor = heartbeat.assignor { member.assignor = assignor }
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

    /// Looks at the topics that members read, where these or the subscriptions may have changed.
    ///
    /// - Returns: whether there are others now, or the same with other partitions.
    private mutating func refreshTopics(_ view: TopicView, anyway: Bool) -> Bool {
        guard anyway || seenChange != view.change else { return false }
        seenChange = view.change
        let before = topics
        topics = [:]
        for name in namesRead { topics[name] = view.topics[name] }
        return topics != before
    }

    /// Forgets topics and patterns that no member reads any more.
    private mutating func forgetUnread() {
        let used = Set(members.values.lazy.map(\.pattern))
        matches = matches.filter { used.contains($0.key) }
        let read = namesRead
        topics = topics.filter { read.contains($0.key) }
    }

    private var namesRead: Set<String> {
        // By pattern, since all members may have one that matches thousands of topics.
        let patterns = Set(members.values.lazy.map(\.pattern))
        let matched = patterns.reduce(into: Set<String>()) { $0.formUnion(matches[$1]?.topics ?? []) }
        return members.values.reduce(into: matched) { $0.formUnion($1.topicNames) }
    }

    private func names(readBy member: ConsumerGroupMember) -> Set<String> {
        guard let matched = matches[member.pattern]?.topics else { return member.topicNames }
        return member.topicNames.isEmpty ? matched : member.topicNames.union(matched)
    }

    private func topicIDs(readBy member: ConsumerGroupMember) -> Set<KafkaUUID> {
        Set(names(readBy: member).compactMap { topics[$0]?.id })
    }

    // MARK: Assignment

    /// Divides all partitions anew, by the assignor that most members prefer.
    private mutating func divide() {
        var votes: [PartitionAssignor: Int] = [:]
        for member in members.values { if let vote = member.assignor { votes[vote, default: 0] += 1 } }
        assignor = votes[.range, default: 0] > votes[.uniform, default: 0] ? .range : .uniform
        let counts = Dictionary(uniqueKeysWithValues: topics.values.map { ($0.id, $0.partitionCount) })
        // Members that ask for the same read the same.
        var read: [Set<String>: [String: Set<KafkaUUID>]] = [:]
        let readers = members.values.map { member in
            let topics = read[member.topicNames]?[member.pattern] ?? topicIDs(readBy: member)
            read[member.topicNames, default: [:]][member.pattern] = topics
            return PartitionAssignor.Member(
                id: member.id,
                instanceID: member.instanceID,
                topics: topics,
                before: targets[member.id] ?? PartitionAssignment()
            )
        }
        targets = assignor.assignment(of: counts, to: readers)
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
                topics: topicIDs(readBy: member)
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

    // MARK: Commit, leave, time

    /// Whether this member may commit offsets now; as in ``GroupStateMachine/receivedCommit(memberID:instanceID:generation:now:)``
    /// one without an epoch may while the group has no members.
    ///
    /// - Parameter carriesEpoch: Whether the request's number is a member's epoch: in versions before it is a generation, which
    ///   members here do not have.
    package func checkCommit(memberID: String, epoch: Int32, carriesEpoch: Bool) -> ErrorCode {
        if epoch < 0, members.isEmpty { return .none }
        guard let member = members[memberID] else { return .unknownMemberID }
        guard carriesEpoch else { return .unsupportedVersion }
        return member.epoch == epoch ? .none : .staleMemberEpoch
    }

    /// Whether this member may read committed offsets now; who is no member may, at any time.
    package func checkFetch(memberID: String?, epoch: Int32) -> ErrorCode {
        guard let memberID, epoch >= 0 else { return .none }
        guard let member = members[memberID] else { return .unknownMemberID }
        return member.epoch == epoch ? .none : .staleMemberEpoch
    }

    private mutating func leave(_ heartbeat: ConsumerHeartbeat) -> ConsumerHeartbeatAnswer {
        let id = heartbeat.memberID
        if let instanceID = heartbeat.instanceID {
            guard let current = staticMembers[instanceID] else { return .unknown(id) }
            guard current == id else {
                return .refused(.fencedInstanceID, "the member \(current) has the instance id '\(instanceID)'")
            }
        }
        guard members[id] != nil else { return .unknown(id) }
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
        if let instanceID = member.instanceID, staticMembers[instanceID] == id { staticMembers[instanceID] = nil }
        forgetUnread()
        countBytes()
        groupEpoch += 1
    }
}

extension ConsumerHeartbeatAnswer {
    fileprivate static func unknown(_ memberID: String) -> ConsumerHeartbeatAnswer {
        .refused(.unknownMemberID, "the group has no member '\(memberID)': it has to join again")
    }
}
