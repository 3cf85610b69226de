import Checksums
import KafkaProtocol
package import KafkaTopics
import NIOCore
import Synchronization

/// The offsets that groups have committed: in memory, and in a journal that survives whatever happens to the process.
///
/// A commit is in the file before ``commit(group:_:)`` returns, so it survives the end of the process; ``flush()`` makes it
/// survive the end of the machine. The offsets of groups that have no members expire (see ``expire(before:isInUse:)``),
/// never those of a sink: one that stands still for a month goes on where it was.
/// The layout of the file is drawn at `OffsetEntry`.
package final class OffsetStore: Sendable {
    private struct State: ~Copyable {
        var file: JournalFile
        var groups: OffsetGroups
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
    ///
    /// - Parameter now: When groups of a journal that says no times are taken to have committed last.
    package static func open(
        at path: String,
        now: Int64 = 0,
        calls: JournalCalls = .system
    ) throws(IngestorError) -> (store: OffsetStore, recovery: OffsetRecovery) {
        var content = ByteBuffer()
        var file = try JournalFile(path, content: &content, calls: calls)
        var journal = try Self.read(content, path: path)
        if journal.format == .first { journal.groups.touchAll(at: now) }
        if journal.bytesHeader == 0 {
            // The very first bytes were being written.
            try file.cut(to: 0)
            try file.append(ByteBuffer(string: OffsetJournalFormat.second.header))
        } else if journal.bytesTorn > 0 {
            try file.cut(to: content.writerIndex - journal.bytesTorn)
        }
        var recovery = OffsetRecovery(groups: journal.groups.count, bytesCut: journal.bytesTorn)
        if journal.damaged.readableBytes > 0 {
            let aside = path + ".damaged-" + String(CRC32C.checksum(of: journal.damaged.readableBytesSpan), radix: 16)
            try JournalFile.write(journal.damaged, atomicallyTo: aside, calls: calls)
            recovery.bytesDamaged = journal.damaged.readableBytes
            recovery.damagedPath = aside
        }
        let store = OffsetStore(file: file, groups: journal.groups, calls: calls)
        if journal.bytesHeader > 0, journal.format == .first || recovery.bytesDamaged > 0 {
            try store.device.withLock { _ throws(IngestorError) in
                try store.writeAnew()
                try store.synchronize()
            }
        }
        return (store, recovery)
    }

    private struct Journal {
        var format = OffsetJournalFormat.second
        var groups = OffsetGroups()
        var bytesHeader = 0
        var bytesTorn = 0
        var damaged = ByteBuffer()
    }

    private static func read(_ content: ByteBuffer, path: String) throws(IngestorError) -> Journal {
        var journal = Journal()
        guard let header = content.getString(at: 0, length: OffsetJournalFormat.headerByteCount) else {
            journal.bytesTorn = 0
            return journal
        }
        guard let format = [OffsetJournalFormat.first, .second].first(where: { $0.header == header }) else {
            guard header.hasPrefix(OffsetJournalFormat.headerPrefix) else {
                throw .corruptFile(
                    path,
                    "does not begin as a journal of committed offsets does",
                    withoutIt: "every group has lost its place and begins where its client's auto.offset.reset says"
                )
            }
            throw .file(path, "read: it was written by a newer hera", errno: "start that one")
        }
        journal.format = format
        journal.bytesHeader = OffsetJournalFormat.headerByteCount
        var index = journal.bytesHeader
        while index < content.writerIndex {
            switch format.entry(in: content, at: index) {
            case .entry(let entry, let byteCount):
                guard journal.groups.apply(entry) else {
                    throw .file(path, "read: it was written by a newer hera", errno: "start that one")
                }
                index += byteCount
            case .unfinished, .damage:
                let found = format.entry(in: content, at: index)
                let next = format.nextEntry(in: content, from: index + 1)
                if next == nil, case .unfinished = found {
                    journal.bytesTorn = content.writerIndex - index
                    return journal
                }
                let end = next ?? content.writerIndex
                if let damage = content.getSlice(at: index, length: end - index) {
                    journal.damaged.writeImmutableBuffer(damage)
                }
                index = end
            }
        }
        return journal
    }

    private init(
        file: consuming JournalFile,
        groups: OffsetGroups,
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
        at time: Int64 = 0,
        ofTopicsThat exists: (String) -> Bool = { _ in true }
    ) throws(IngestorError) -> Set<TopicPartition> {
        let result = state.withLock { state in
            Result { () throws(IngestorError) in
                let taken = offsets.filter { exists($0.key.topic) }
                if !taken.isEmpty { try Self.add(OffsetEntry(group: group, offsets: taken, time: time), to: &state) }
                return Set(taken.keys)
            }
        }
        return try result.get()
    }

    /// Forgets what every group knew of a topic that is no more.
    package func forget(topic: String) throws(IngestorError) {
        let result = state.withLock { state in
            Result { () throws(IngestorError) in
                guard state.groups.knows(topic: topic) else { return }
                try Self.add(OffsetEntry(deletedTopic: topic), to: &state)
            }
        }
        try result.get()
    }

    /// Whether a commit would be more than is kept: one more than `groupsMax` groups with offsets, or with what it adds more
    /// than `bytesMax` bytes.
    package func isFull(
        for group: String,
        _ offsets: [TopicPartition: CommittedOffset],
        groupsMax: Int,
        bytesMax: Int
    ) -> Bool {
        state.withLock { state in
            if state.groups.offsets(of: group) == nil, state.groups.count >= groupsMax { return true }
            let added = state.groups.bytesAdded(by: offsets, to: group)
            return added > 0 && state.groups.byteCount + added > bytesMax
        }
    }

    /// How far a group has come, wherever it has.
    package func offsets(of group: String) -> [TopicPartition: CommittedOffset] {
        state.withLock { $0.groups.offsets(of: group) ?? [:] }
    }

    /// How far a group has come in a partition; `nil` where it has committed nothing.
    package func offset(of group: String, _ partition: TopicPartition) -> CommittedOffset? {
        state.withLock { $0.groups.offsets(of: group)?[partition] }
    }

    /// Forgets the groups that committed last before `time`, unless they are in use. A group that is in use now is taken to
    /// have committed at `now`: its time begins when it is empty.
    ///
    /// - Returns: the groups that are gone.
    package func expire(
        before time: Int64,
        now: Int64,
        isInUse: (String) -> Bool
    ) throws(IngestorError) -> [String] {
        let old = state.withLock { $0.groups.quiet(since: time) }
        var expired: [String] = []
        for group in old {
            if isInUse(group) {
                state.withLock { $0.groups.touch(group, at: now) }
                continue
            }
            let result = state.withLock { state in
                Result { () throws(IngestorError) in
                    // Somebody may have committed meanwhile.
                    guard state.groups.isQuiet(group, since: time) else { return false }
                    try Self.add(OffsetEntry(expiredGroup: group), to: &state)
                    return true
                }
            }
            if try result.get() { expired.append(group) }
        }
        return expired
    }

    /// The greatest offset that any group has committed, by partition.
    package var greatestOffsets: [TopicPartition: Int64] {
        state.withLock { $0.groups.greatestOffsets }
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

    private func replaceJournal(with groups: OffsetGroups) throws(IngestorError) {
        var content = ByteBuffer(string: OffsetJournalFormat.second.header)
        for entry in groups.entries { entry.write(to: &content) }
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
        let isKnown = state.groups.apply(entry)
        precondition(isKnown, "an entry of kind \(entry.kind) was written that nobody can read")
    }
}
