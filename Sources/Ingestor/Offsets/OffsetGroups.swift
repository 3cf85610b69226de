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

    /// What these offsets would add to ``byteCount``.
    func bytesAdded(by offsets: [TopicPartition: CommittedOffset], to group: String) -> Int {
        let known = groups[group]
        return offsets.reduce(known == nil ? group.utf8.count : 0) { sum, new in
            sum + Self.byteCount(new.key, new.value)
                - (known?.offsets[new.key].map { Self.byteCount(new.key, $0) } ?? 0)
        }
    }

    /// Groups whose last commit was before `time`.
    func groups(lastCommittedIn times: Range<Int64>) -> [String] {
        groups.filter { times.contains($0.value.lastCommit) }.map(\.key).sorted()
    }

    func hasLastCommitted(_ group: String, in times: Range<Int64>) -> Bool {
        groups[group].map { times.contains($0.lastCommit) } ?? false
    }

    mutating func touch(_ group: String, at time: Int64) {
        guard let known = groups[group] else { return }
        groups[group]?.lastCommit = max(known.lastCommit, time)
    }

    mutating func touchAll(at time: Int64) {
        for group in groups.keys { touch(group, at: time) }
    }

    /// All of it, by group.
    var everything: [(group: String, offsets: [TopicPartition: CommittedOffset], lastCommit: Int64)] {
        groups.sorted { $0.key < $1.key }.map { ($0.key, $0.value.offsets, $0.value.lastCommit) }
    }

    /// What each group has committed of these topics.
    func partitions(of topics: Set<String>) -> [(group: String, partition: TopicPartition)] {
        groups.sorted { $0.key < $1.key }.flatMap { name, group in
            group.offsets.keys.filter { topics.contains($0.topic) }.sorted().map { (name, $0) }
        }
    }

    mutating func commit(_ offset: CommittedOffset, of group: String, _ partition: TopicPartition, at time: Int64) {
        if groups[group] == nil { byteCount += group.utf8.count }
        byteCount += Self.byteCount(partition, offset)
        let before = groups[group, default: Group()].offsets.updateValue(offset, forKey: partition)
        if let before { byteCount -= Self.byteCount(partition, before) }
        touch(group, at: time)
    }

    mutating func forget(_ partition: TopicPartition, of group: String) {
        guard let offset = groups[group]?.offsets.removeValue(forKey: partition) else { return }
        byteCount -= Self.byteCount(partition, offset)
        guard groups[group]?.offsets.isEmpty == true else { return }
        groups[group] = nil
        byteCount -= group.utf8.count
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
