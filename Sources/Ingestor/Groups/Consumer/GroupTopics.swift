import KafkaProtocol

/// The topics that the members of a group read: by name, and by patterns whose matches are found away from here.
struct GroupTopics {
    /// What was found for the members' patterns.
    private var matches: [String: PatternMatches] = [:]
    /// The topics that members read and that exist, as of ``seenChange``.
    private var topics: [String: TopicView.Topic] = [:]
    private var seenChange: UInt64?

    var byteCount: Int { matches.values.reduce(0) { $0 + $1.byteCount } }

    /// How many partitions each topic has.
    var partitionCounts: [KafkaUUID: Int32] {
        Dictionary(uniqueKeysWithValues: topics.values.map { ($0.id, $0.partitionCount) })
    }

    /// These partitions with the topics by name; those of topics that nobody reads are left out.
    func named(_ partitions: PartitionAssignment) -> [ConsumerTopicPartitions] {
        topics.sorted { $0.key < $1.key }
            .map { ConsumerTopicPartitions(topic: $0.key, partitions: partitions[$0.value.id]) }
            .filter { !$0.partitions.isEmpty }
    }

    // MARK: Patterns

    /// Those of these patterns whose matches in the topics are not known here.
    func unresolved(_ patterns: Set<String>, in view: TopicView) -> [String] {
        patterns.filter { (matches[$0]?.change).map { $0 < view.change } ?? true }.sorted()
    }

    /// Keeps what was found for patterns that are used.
    ///
    /// - Returns: whether any matches other topics than before.
    mutating func take(_ found: [String: PatternMatches], for members: some Collection<ConsumerGroupMember>) -> Bool {
        guard !found.isEmpty else { return false }
        var isOther = false
        let used = Set(members.lazy.map(\.pattern))
        for (pattern, new) in found where used.contains(pattern) {
            if let known = matches[pattern], known.change >= new.change { continue }
            isOther = isOther || matches[pattern]?.topics != new.topics
            matches[pattern] = new
        }
        return isOther
    }

    // MARK: Topics

    /// Looks at the topics that members read, where these or the subscriptions may have changed.
    ///
    /// - Returns: whether there are others now, or the same with other partitions.
    mutating func refresh(
        _ view: TopicView,
        anyway: Bool,
        for members: some Collection<ConsumerGroupMember>
    ) -> Bool {
        guard anyway || seenChange != view.change else { return false }
        seenChange = view.change
        let before = topics
        topics = [:]
        for name in names(readBy: members) { topics[name] = view.topics[name] }
        return topics != before
    }

    /// Forgets topics and patterns that no member reads any more.
    mutating func forgetUnread(by members: some Collection<ConsumerGroupMember>) {
        let used = Set(members.lazy.map(\.pattern))
        matches = matches.filter { used.contains($0.key) }
        let read = names(readBy: members)
        topics = topics.filter { read.contains($0.key) }
    }

    func names(readBy members: some Collection<ConsumerGroupMember>) -> Set<String> {
        // By pattern, since all members may have one that matches thousands of topics.
        let patterns = Set(members.lazy.map(\.pattern))
        let matched = patterns.reduce(into: Set<String>()) { $0.formUnion(matches[$1]?.topics ?? []) }
        return members.reduce(into: matched) { $0.formUnion($1.topicNames) }
    }

    /// The topics that this member reads and that exist.
    func ids(readBy member: ConsumerGroupMember) -> Set<KafkaUUID> {
        var names = member.topicNames
        if let matched = matches[member.pattern]?.topics { names = names.isEmpty ? matched : names.union(matched) }
        return Set(names.compactMap { topics[$0]?.id })
    }
}
