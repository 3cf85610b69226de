import Checksums
package import Files
import KafkaProtocol
package import KafkaTopics
import NIOCore
import Synchronization
package import SystemPackage

/// The committed offsets of all groups: in memory, and in a journal that survives a crash of the process.
///
/// A commit is in the file before ``commit(group:_:)`` returns, so it survives the end of the process; ``flush()`` makes it
/// survive the end of the machine. The offsets of groups that have no members expire (see ``expire(before:isInUse:)``),
/// never those of a sink: one that stands still for a month goes on where it was.
/// The layout of the file is drawn at `OffsetEntry`.
package final class OffsetStore: Sendable {
    private struct State: ~Copyable {
        var file: JournalFile
        var groups: OffsetGroups
        /// The length of the file when it was last compacted.
        var compactByteCount: Int
        /// The entries that came since a copy of the journal was begun; `nil` where none is being written.
        var sinceCopy: ByteBuffer?
        /// Set where the device did not take what was written, until the journal was written anew: the operating system may
        /// have dropped the pages, and tells that once. A second flush of the same file would succeed without them.
        var isInDoubt = false
    }

    /// The journal is compacted when it is longer than this and several times as long as it must be.
    private static let compactionBytesMin = 1024 * 1024
    private static let compactionFactor = 4

    private let path: FilePath
    private let disk: Disk
    private let state: Mutex<State>
    /// Held while the journal is forced to the device or compacted, so that neither misses a failure of the other. Taken
    /// before `state`.
    private let device = Mutex(())

    /// Opens the journal at `path`, or begins one.
    ///
    /// - Parameter now: The last commit of groups in a journal without times (format 1).
    package static func open(
        at path: FilePath,
        now: Int64 = 0,
        disk: Disk = Disk()
    ) throws(IngestorError) -> (store: OffsetStore, recovery: OffsetRecovery) {
        try IngestorError.mapping { () throws(FileError) in try recovered(at: path, now: now, disk: disk) }
    }

    private static func recovered(
        at path: FilePath,
        now: Int64,
        disk: Disk
    ) throws(FileError) -> (OffsetStore, OffsetRecovery) {
        var content = ByteBuffer()
        var file = try JournalFile(path, content: &content, disk: disk)
        if OffsetJournalFormat.isBegun(content) {
            // Durable before anything is appended: a power cut leaves no journal that begins with zeros.
            try disk.replace(path, with: Array(OffsetJournalFormat.second.header.utf8))
            content.clear()
            file = try JournalFile(path, content: &content, disk: disk)
        }
        var journal = try read(content, path: path)
        if journal.format == .first { journal.groups.touchAll(at: now) }
        if journal.bytesTorn > 0 { try file.cut(to: content.writerIndex - journal.bytesTorn) }
        var recovery = OffsetRecovery(groups: journal.groups.count, bytesCut: journal.bytesTorn)
        if journal.damaged.readableBytes > 0 {
            let checksum = CRC32C.digits(of: CRC32C.checksum(of: journal.damaged.readableBytesSpan))
            let aside = FilePath("\(path).damaged-\(checksum)")
            try disk.replace(aside, with: Array(journal.damaged.readableBytesView))
            recovery.bytesDamaged = journal.damaged.readableBytes
            recovery.damagedPath = aside
        }
        let store = OffsetStore(file: file, groups: journal.groups, disk: disk)
        if journal.format == .first || recovery.bytesDamaged > 0 {
            try store.device.withLock { _ throws(FileError) in
                try store.writeAnew()
                try store.synchronize()
            }
        }
        return (store, recovery)
    }

    private struct Journal {
        let format: OffsetJournalFormat
        var groups = OffsetGroups()
        var bytesTorn = 0
        var damaged = ByteBuffer()
    }

    private static func read(_ content: ByteBuffer, path: FilePath) throws(FileError) -> Journal {
        let header = content.getString(at: 0, length: OffsetJournalFormat.headerByteCount) ?? ""
        let newer = FileError(
            .unknownFormat,
            path,
            "\(path) was written by a newer hera",
            cure: "Start that one"
        )
        guard let format = [OffsetJournalFormat.first, .second].first(where: { $0.header == header }) else {
            guard header.hasPrefix(OffsetJournalFormat.headerPrefix) else {
                throw .damaged(
                    path,
                    "it does not begin as a journal of committed offsets does",
                    cure:
                        "Move it away to start without it: every group begins where its client's auto.offset.reset says"
                )
            }
            throw newer
        }
        var journal = Journal(format: format)
        var index = OffsetJournalFormat.headerByteCount
        while index < content.writerIndex {
            let found = format.entry(in: content, at: index)
            if case .entry(let entry, let byteCount) = found {
                guard journal.groups.apply(entry) else { throw newer }
                index += byteCount
                continue
            }
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
        return journal
    }

    private init(file: consuming JournalFile, groups: OffsetGroups, disk: Disk) {
        let byteCount = file.byteCount
        path = file.path
        self.disk = disk
        state = Mutex(State(file: file, groups: groups, compactByteCount: byteCount))
    }

    /// Stores all of these offsets, or throws and stores none.
    ///
    /// - Parameter exists: Whether there is such a topic; offsets of others are left out. It is asked while nothing else
    ///   changes, so a commit comes either before the ``forget(topic:)`` of a topic that is deleted, or not at all.
    /// - Returns: the partitions whose offsets were stored.
    @discardableResult
    package func commit(
        group: String,
        _ offsets: [TopicPartition: CommittedOffset],
        at time: Int64,
        ofTopicsThat exists: (String) -> Bool = { _ in true }
    ) throws(IngestorError) -> Set<TopicPartition> {
        let result = state.withLock { state in
            Result { () throws(FileError) in
                let taken = offsets.filter { exists($0.key.topic) }
                if !taken.isEmpty { try Self.add(OffsetEntry(group: group, offsets: taken, time: time), to: &state) }
                return Set(taken.keys)
            }
        }
        return try IngestorError.mapping(result.get)
    }

    /// Removes what every group committed of a deleted topic.
    package func forget(topic: String) throws(IngestorError) {
        let result = state.withLock { state in
            Result { () throws(FileError) in
                guard state.groups.knows(topic: topic) else { return }
                try Self.add(OffsetEntry(deletedTopic: topic), to: &state)
            }
        }
        try IngestorError.mapping(result.get)
    }

    /// Removes what a group committed.
    ///
    /// - Returns: whether that was anything.
    package func forget(group: String) throws(IngestorError) -> Bool {
        let result = state.withLock { state in
            Result { () throws(FileError) in
                guard state.groups.offsets(of: group) != nil else { return false }
                try Self.add(OffsetEntry(forgottenGroup: group), to: &state)
                return true
            }
        }
        return try IngestorError.mapping(result.get)
    }

    /// Removes what a group committed of these partitions.
    package func forget(_ partitions: Set<TopicPartition>, of group: String) throws(IngestorError) {
        let result = state.withLock { state in
            Result { () throws(FileError) in
                let known = state.groups.offsets(of: group) ?? [:]
                let gone = partitions.filter { known[$0] != nil }
                if !gone.isEmpty { try Self.add(OffsetEntry(group: group, forgotten: gone), to: &state) }
            }
        }
        try IngestorError.mapping(result.get)
    }

    /// The groups that have committed offsets.
    package var groups: Set<String> { state.withLock { $0.groups.names } }

    /// Whether a group has committed offsets.
    package func knows(group: String) -> Bool { state.withLock { $0.groups.offsets(of: group) != nil } }

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

    /// All committed offsets of a group.
    package func offsets(of group: String) -> [TopicPartition: CommittedOffset] {
        state.withLock { $0.groups.offsets(of: group) ?? [:] }
    }

    /// The committed offset of a group in a partition; `nil` where it has committed none.
    package func offset(of group: String, _ partition: TopicPartition) -> CommittedOffset? {
        state.withLock { $0.groups.offsets(of: group)?[partition] }
    }

    /// Removes the groups whose last commit was before `time`, unless they are in use. The retention of a group that is in
    /// use starts again at `now`.
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
                Result { () throws(FileError) in
                    // The group may have committed meanwhile.
                    guard state.groups.isQuiet(group, since: time) else { return false }
                    try Self.add(OffsetEntry(forgottenGroup: group), to: &state)
                    return true
                }
            }
            if try IngestorError.mapping(result.get) { expired.append(group) }
        }
        return expired
    }

    /// The greatest offset that any group has committed, by partition.
    package var greatestOffsets: [TopicPartition: Int64] {
        state.withLock { $0.groups.greatestOffsets }
    }

    /// Returns when every commit that returned is on the device. Where an earlier flush failed, the journal is written anew
    /// first.
    package func flush() throws(IngestorError) {
        try onDevice { () throws(FileError) in
            if state.withLock({ $0.isInDoubt }) { try writeAnew() }
            try synchronize()
        }
    }

    /// Runs `body` with ``device`` held.
    private func onDevice(_ body: () throws(FileError) -> Void) throws(IngestorError) {
        try IngestorError.mapping { () throws(FileError) in
            try device.withLock { _ throws(FileError) in try body() }
        }
    }

    /// Call it with ``device`` held.
    private func synchronize() throws(FileError) {
        let flush = state.withLock { $0.file.flush() }
        do throws(FileError) {
            try flush.run()
        } catch {
            state.withLock { $0.isInDoubt = true }
            throw error
        }
        state.withLock { $0.file.flushed(flush) }
    }

    /// Compacts the journal, dropping entries that later ones replaced, where that is worth it.
    ///
    /// The copy is written and forced to the device while commits go on; they wait only while what came meanwhile is added.
    package func compactIfWorthwhile() throws(IngestorError) {
        try onDevice { () throws(FileError) in
            let isWorthwhile = state.withLock { state in
                state.file.byteCount > max(Self.compactionBytesMin, Self.compactionFactor * state.compactByteCount)
            }
            guard isWorthwhile else { return }
            try writeAnew()
            // Whatever the policy for commits: until its name is on the device, a power cut brings the old journal back.
            try synchronize()
        }
    }

    /// Call it with ``device`` held.
    private func writeAnew() throws(FileError) {
        let groups = state.withLock { state in
            state.sinceCopy = ByteBuffer()
            return state.groups
        }
        do throws(FileError) {
            try replaceJournal(with: groups)
        } catch {
            state.withLock { $0.sinceCopy = nil }
            throw error
        }
    }

    private func replaceJournal(with groups: OffsetGroups) throws(FileError) {
        var content = ByteBuffer(string: OffsetJournalFormat.second.header)
        for entry in groups.entries { entry.write(to: &content) }
        var copy = try JournalFile(toReplace: path, disk: disk)
        try copy.append(content)
        try copy.synchronize()
        let result = state.withLock { state in
            Result { () throws(FileError) in
                if let since = state.sinceCopy, since.readableBytes > 0 {
                    try copy.append(since)
                    // Some of it may be on the device in the old file, and acknowledged for that.
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

    private static func add(_ entry: OffsetEntry, to state: inout State) throws(FileError) {
        var bytes = ByteBuffer()
        entry.write(to: &bytes)
        try state.file.append(bytes)
        state.sinceCopy?.writeImmutableBuffer(bytes)
        let isKnown = state.groups.apply(entry)
        precondition(isKnown, "an entry of the unknown kind \(entry.kind) was written")
    }
}

/// What was found when the journal was read.
package struct OffsetRecovery: Sendable, Equatable {
    /// Groups that have offsets.
    package var groups: Int
    /// Bytes of an entry that was being written when the process died; they are cut away.
    package var bytesCut: Int
    /// Damaged bytes that are not an interrupted write at the end; they are kept in ``damagedPath``.
    package var bytesDamaged: Int
    package var damagedPath: FilePath?

    package init(groups: Int, bytesCut: Int, bytesDamaged: Int = 0, damagedPath: FilePath? = nil) {
        self.groups = groups
        self.bytesCut = bytesCut
        self.bytesDamaged = bytesDamaged
        self.damagedPath = damagedPath
    }
}
