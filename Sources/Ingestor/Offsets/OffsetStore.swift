package import KafkaTopics
import NIOCore
import Synchronization

/// The offsets that groups have committed: in memory, and in a journal that survives whatever happens to the process.
///
/// A commit is in the file before ``commit(group:_:)`` returns, so it survives the end of the process; ``flush()`` makes it
/// survive the end of the machine. Offsets never expire: a sink that stands still for a month goes on where it was.
/// The layout of the file is drawn at `OffsetEntry`.
package final class OffsetStore: Sendable {
    private struct State: ~Copyable {
        var file: JournalFile
        var groups: [String: [TopicPartition: CommittedOffset]]
        /// How long the file was when it was last written as a whole.
        var compactByteCount: Int
        /// The entries that came since a copy of the journal was begun; `nil` where none is being written.
        var sinceCopy: ByteBuffer?
        /// Set where the device did not take what was written, until the journal was written anew: the operating system may
        /// have dropped the pages, and tells that once. A second flush of the same file would succeed without them.
        var isInDoubt = false
    }

    /// The journal is written anew when it is longer than this and several times as long as it must be.
    private static let compactionBytesMin = 1024 * 1024
    private static let compactionFactor = 4

    private let path: String
    private let calls: JournalCalls
    private let state: Mutex<State>
    /// Held by whoever brings the journal to disk or writes it anew, so that one hears of the other's failure. Taken before
    /// `state`.
    private let device = Mutex(())

    /// Opens the journal at `path`, or begins one.
    package static func open(
        at path: String,
        calls: JournalCalls = .system
    ) throws(IngestorError) -> (store: OffsetStore, recovery: OffsetRecovery) {
        var content = ByteBuffer()
        var file = try JournalFile(path, content: &content, calls: calls)
        var groups: [String: [TopicPartition: CommittedOffset]] = [:]
        let header = ByteBuffer(string: OffsetEntry.fileHeader)
        let length = content.readableBytes
        if length >= header.readableBytes {
            guard content.readSlice(length: header.readableBytes) == header else {
                throw .corruptFile(
                    path,
                    "does not begin as a journal of committed offsets does",
                    withoutIt: "every group has lost its place and begins where its client's auto.offset.reset says"
                )
            }
            while let entry = OffsetEntry(readingFrom: &content) { apply(entry, to: &groups) }
        } else {
            // The very first bytes were being written.
            try file.cut(to: 0)
            try file.append(header)
            content.clear()
        }
        let torn = content.readableBytes
        if torn > 0 { try file.cut(to: length - torn) }
        let store = OffsetStore(file: file, groups: groups, calls: calls)
        return (store, OffsetRecovery(groups: groups.count, bytesCut: torn))
    }

    private init(
        file: consuming JournalFile,
        groups: [String: [TopicPartition: CommittedOffset]],
        calls: JournalCalls
    ) {
        let byteCount = file.byteCount
        path = file.path
        self.calls = calls
        state = Mutex(State(file: file, groups: groups, compactByteCount: byteCount))
    }

    /// Takes all of these offsets, or throws and takes none.
    ///
    /// - Parameter exists: Whether there is such a topic; offsets of others are left out. It is asked while nothing else
    ///   changes, so a commit comes either before the ``forget(topic:)`` of a topic that is deleted, or not at all.
    /// - Returns: the partitions whose offsets were taken.
    @discardableResult
    package func commit(
        group: String,
        _ offsets: [TopicPartition: CommittedOffset],
        ofTopicsThat exists: (String) -> Bool = { _ in true }
    ) throws(IngestorError) -> Set<TopicPartition> {
        let result = state.withLock { state in
            Result { () throws(IngestorError) in
                let taken = offsets.filter { exists($0.key.topic) }
                if !taken.isEmpty { try Self.add(OffsetEntry(group: group, offsets: taken), to: &state) }
                return Set(taken.keys)
            }
        }
        return try result.get()
    }

    /// Forgets what every group knew of a topic that is no more.
    package func forget(topic: String) throws(IngestorError) {
        let result = state.withLock { state in
            Result { () throws(IngestorError) in
                guard state.groups.values.contains(where: { $0.keys.contains { $0.topic == topic } }) else { return }
                try Self.add(OffsetEntry(deletedTopic: topic), to: &state)
            }
        }
        try result.get()
    }

    /// Whether a commit of this group would make it one more than `limit` groups with offsets.
    package func isFull(for group: String, limit: Int) -> Bool {
        state.withLock { $0.groups[group] == nil && $0.groups.count >= limit }
    }

    /// How far a group has come in a partition; `nil` where it has committed nothing.
    package func offset(of group: String, _ partition: TopicPartition) -> CommittedOffset? {
        state.withLock { $0.groups[group]?[partition] }
    }

    /// How far a group has come, wherever it has.
    package func offsets(of group: String) -> [TopicPartition: CommittedOffset] {
        state.withLock { $0.groups[group] ?? [:] }
    }

    /// The greatest offset that any group has committed, by partition.
    package var greatestOffsets: [TopicPartition: Int64] {
        state.withLock { state in
            state.groups.values.reduce(into: [:]) { greatest, offsets in
                greatest.merge(offsets.mapValues(\.offset)) { max($0, $1) }
            }
        }
    }

    /// Returns when every commit that returned is on disk. Where an earlier flush failed, the journal is written anew first.
    package func flush() throws(IngestorError) {
        try device.withLock { _ throws(IngestorError) in
            if state.withLock({ $0.isInDoubt }) { try writeAnew() }
            try synchronize()
        }
    }

    /// Call it with ``device`` held.
    private func synchronize() throws(IngestorError) {
        let flush = try asked()
        do throws(IngestorError) {
            try flush.run()
        } catch {
            state.withLock { $0.isInDoubt = true }
            throw error
        }
        let replacements = flush.replacements
        state.withLock { $0.file.flushed(replacements: replacements) }
    }

    private func asked() throws(IngestorError) -> JournalFlush {
        try state.withLock { state throws(IngestorError) in try state.file.flush() }
    }

    /// Writes the journal anew, without what was overtaken, where that is worth it.
    ///
    /// The copy is written and brought to disk while commits go on; they wait only while what came meanwhile is added, and
    /// for a ``flush()`` where they need one.
    package func compactIfWorthwhile() throws(IngestorError) {
        try device.withLock { _ throws(IngestorError) in
            let isWorthwhile = state.withLock { state in
                state.file.byteCount > max(Self.compactionBytesMin, Self.compactionFactor * state.compactByteCount)
            }
            guard isWorthwhile else { return }
            try writeAnew()
            // Whatever the policy says of commits: a crash between the old journal and the new one is not to be drawn out.
            try synchronize()
        }
    }

    /// Call it with ``device`` held.
    private func writeAnew() throws(IngestorError) {
        let groups = state.withLock { state in
            state.sinceCopy = ByteBuffer()
            return state.groups
        }
        do throws(IngestorError) {
            try replaceJournal(with: groups)
        } catch {
            state.withLock { $0.sinceCopy = nil }
            throw error
        }
    }

    private func replaceJournal(with groups: [String: [TopicPartition: CommittedOffset]]) throws(IngestorError) {
        var content = ByteBuffer(string: OffsetEntry.fileHeader)
        for (group, offsets) in groups {
            OffsetEntry(group: group, offsets: offsets).write(to: &content)
        }
        var copy = try JournalFile(toReplace: path, calls: calls)
        try copy.append(content)
        try copy.synchronize()
        let result = state.withLock { state in
            Result { () throws(IngestorError) in
                if let since = state.sinceCopy, since.readableBytes > 0 {
                    try copy.append(since)
                    // Some of it may have been brought to disk in the old file, and acknowledged for that.
                    try copy.synchronize()
                }
                try state.file.adopt(&copy)
                state.compactByteCount = state.file.byteCount
                state.sinceCopy = nil
                state.isInDoubt = false
            }
        }
        try result.get()
    }

    /// The journal's length in bytes.
    package var byteCount: Int { state.withLock { $0.file.byteCount } }

    private static func add(_ entry: OffsetEntry, to state: inout State) throws(IngestorError) {
        var bytes = ByteBuffer()
        entry.write(to: &bytes)
        try state.file.append(bytes)
        state.sinceCopy?.writeImmutableBuffer(bytes)
        apply(entry, to: &state.groups)
    }

    private static func apply(_ entry: OffsetEntry, to groups: inout [String: [TopicPartition: CommittedOffset]]) {
        switch entry.kind {
        case OffsetEntry.committed:
            for item in entry.items {
                let partition = TopicPartition(topic: item.topic, partition: item.partition)
                groups[entry.name, default: [:]][partition] = CommittedOffset(
                    offset: item.offset,
                    leaderEpoch: item.leaderEpoch,
                    metadata: item.metadata
                )
            }
        default:
            for group in groups.keys {
                groups[group] = groups[group]?.filter { $0.key.topic != entry.name }
                if groups[group]?.isEmpty == true { groups[group] = nil }
            }
        }
    }
}
