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
    }

    /// The journal is written anew when it is longer than this and several times as long as it must be.
    private static let compactionBytesMin = 1024 * 1024
    private static let compactionFactor = 4

    private let state: Mutex<State>

    /// Opens the journal at `path`, or begins one.
    package static func open(
        at path: String
    ) throws(IngestorError) -> (store: OffsetStore, recovery: OffsetRecovery) {
        var content = ByteBuffer()
        var file = try JournalFile(path, content: &content)
        var groups: [String: [TopicPartition: CommittedOffset]] = [:]
        let header = ByteBuffer(string: OffsetEntry.fileHeader)
        let length = content.readableBytes
        if length >= header.readableBytes {
            guard content.readSlice(length: header.readableBytes) == header else {
                throw .corruptFile(path, "does not begin as a journal of committed offsets does")
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
        let store = OffsetStore(file: file, groups: groups)
        return (store, OffsetRecovery(groups: groups.count, bytesCut: torn))
    }

    private init(file: consuming JournalFile, groups: [String: [TopicPartition: CommittedOffset]]) {
        let byteCount = file.byteCount
        state = Mutex(State(file: file, groups: groups, compactByteCount: byteCount))
    }

    /// Takes all of these offsets, or throws and takes none.
    package func commit(group: String, _ offsets: [TopicPartition: CommittedOffset]) throws(IngestorError) {
        guard !offsets.isEmpty else { return }
        try add(OffsetEntry(group: group, offsets: offsets))
    }

    /// Forgets what every group knew of a topic that is no more.
    package func forget(topic: String) throws(IngestorError) {
        try add(OffsetEntry(deletedTopic: topic))
    }

    /// Whether a commit of this group would make it one more than `limit` groups with offsets.
    package func isFull(for group: String, limit: Int) -> Bool {
        state.withLock { $0.groups[group] == nil && $0.groups.count >= limit }
    }

    /// How far a group has come, wherever it has.
    package func offsets(of group: String) -> [TopicPartition: CommittedOffset] {
        state.withLock { $0.groups[group] ?? [:] }
    }

    /// Returns when every commit that returned is on disk.
    package func flush() throws(IngestorError) {
        let (descriptor, path) = state.withLock { state in
            (Result { () throws(IngestorError) in try state.file.descriptorToFlush() }, state.file.path)
        }
        try JournalFile.flush(descriptor.get(), path: path)
    }

    /// Writes the journal anew, without what was overtaken, where that is worth it.
    package func compactIfWorthwhile() throws(IngestorError) {
        let result = state.withLock { state in
            Result { () throws(IngestorError) in
                let limit = max(Self.compactionBytesMin, Self.compactionFactor * state.compactByteCount)
                guard state.file.byteCount > limit else { return }
                var content = ByteBuffer(string: OffsetEntry.fileHeader)
                for (group, offsets) in state.groups {
                    OffsetEntry(group: group, offsets: offsets).write(to: &content)
                }
                try state.file.replace(with: content)
                state.compactByteCount = state.file.byteCount
            }
        }
        try result.get()
    }

    /// The journal's length in bytes.
    package var byteCount: Int { state.withLock { $0.file.byteCount } }

    private func add(_ entry: OffsetEntry) throws(IngestorError) {
        var bytes = ByteBuffer()
        entry.write(to: &bytes)
        let result = state.withLock { state in
            Result { () throws(IngestorError) in
                try state.file.append(bytes)
                Self.apply(entry, to: &state.groups)
            }
        }
        try result.get()
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
