import KafkaTopics

/// The offsets of all groups in memory, and how many bytes they take.
struct OffsetGroups: Sendable {
    private struct Group {
        var offsets: [TopicPartition: CommittedOffset] = [:]
        var lastCommit: Int64 = 0
    }

    /// The memory of an offset without its strings.
    private static let bytesPerOffset = 96

    private var groups: [String: Group] = [:]
    private(set) var byteCount = 0

    var count: Int { groups.count }

    var names: Set<String> { Set(groups.keys) }

    func offsets(of group: String) -> [TopicPartition: CommittedOffset]? { groups[group]?.offsets }

    /// The greatest offset of any group, by partition.
    var greatestOffsets: [TopicPartition: Int64] {
        groups.values.reduce(into: [:]) { greatest, group in
            greatest.merge(group.offsets.mapValues(\.offset)) { max($0, $1) }
        }
    }

    func knows(topic: String) -> Bool {
        groups.values.contains { $0.offsets.keys.contains { $0.topic == topic } }
    }

    /// What these offsets would add to ``byteCount``.
    func bytesAdded(by offsets: [TopicPartition: CommittedOffset], to group: String) -> Int {
        let known = groups[group]
        return offsets.reduce(known == nil ? group.utf8.count : 0) { sum, new in
            sum + Self.byteCount(new.key, new.value)
                - (known?.offsets[new.key].map { Self.byteCount(new.key, $0) } ?? 0)
        }
    }

    /// Groups whose last commit was before `time`.
    func quiet(since time: Int64) -> [String] {
        groups.filter { $0.value.lastCommit < time }.map(\.key).sorted()
    }

    func isQuiet(_ group: String, since time: Int64) -> Bool { groups[group].map { $0.lastCommit < time } ?? false }

    mutating func touch(_ group: String, at time: Int64) {
        guard let known = groups[group] else { return }
        groups[group]?.lastCommit = max(known.lastCommit, time)
    }

    mutating func touchAll(at time: Int64) {
        for group in groups.keys { touch(group, at: time) }
    }

    /// One entry for each group, from which all of this can be restored.
    var entries: [OffsetEntry] {
        groups.sorted { $0.key < $1.key }.map { name, group in
            OffsetEntry(group: name, offsets: group.offsets, time: group.lastCommit)
        }
    }

    /// Applies an entry.
    ///
    /// - Returns: `false` where its kind is unknown.
    mutating func apply(_ entry: OffsetEntry) -> Bool {
        switch entry.kind {
        case OffsetEntry.committed: commit(entry)
        case OffsetEntry.topicDeleted:
            for name in groups.keys {
                remove(from: name) { $0.topic == entry.name }
            }
        case OffsetEntry.groupForgotten: remove(from: entry.name) { _ in true }
        case OffsetEntry.offsetsForgotten:
            let gone = Set(entry.items.map { TopicPartition(topic: $0.topic, partition: $0.partition) })
            remove(from: entry.name, where: gone.contains)
        default: return false
        }
        return true
    }

    private mutating func commit(_ entry: OffsetEntry) {
        if groups[entry.name] == nil { byteCount += entry.name.utf8.count }
        var group = groups.removeValue(forKey: entry.name) ?? Group()
        group.lastCommit = max(group.lastCommit, entry.time)
        for item in entry.items {
            let partition = TopicPartition(topic: item.topic, partition: item.partition)
            let offset = CommittedOffset(offset: item.offset, leaderEpoch: item.leaderEpoch, metadata: item.metadata)
            if let before = group.offsets.updateValue(offset, forKey: partition) {
                byteCount -= Self.byteCount(partition, before)
            }
            byteCount += Self.byteCount(partition, offset)
        }
        groups[entry.name] = group
    }

    private mutating func remove(from name: String, where isGone: (TopicPartition) -> Bool) {
        guard var group = groups[name] else { return }
        for (partition, offset) in group.offsets where isGone(partition) {
            group.offsets[partition] = nil
            byteCount -= Self.byteCount(partition, offset)
        }
        groups[name] = group.offsets.isEmpty ? nil : group
        if group.offsets.isEmpty { byteCount -= name.utf8.count }
    }

    private static func byteCount(_ partition: TopicPartition, _ offset: CommittedOffset) -> Int {
        bytesPerOffset + partition.topic.utf8.count + offset.metadata.utf8.count
    }
}

/// The committed offset of a group in one partition.
package struct CommittedOffset: Sendable, Equatable {
    /// The offset of the next record to read.
    package var offset: Int64
    /// The leader epoch of the last record read, -1 where the client did not say.
    package var leaderEpoch: Int32
    /// The client's metadata.
    package var metadata: String

    package init(offset: Int64, leaderEpoch: Int32 = -1, metadata: String = "") {
        self.offset = offset
        self.leaderEpoch = leaderEpoch
        self.metadata = metadata
    }
}
