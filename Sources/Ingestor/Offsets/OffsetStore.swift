import CommitLog
package import KafkaTopics
import NIOCore
import Synchronization

/// The committed offsets of all groups: in memory, and as records of the compacted topic `__consumer_offsets`, which has one
/// partition.
///
/// A commit is in the log before ``commit(group:_:at:ofTopicsThat:)`` returns, so it survives the end of the process;
/// ``flush()`` makes it survive the end of the machine. The offsets of groups that have no members expire (see
/// ``expire(lastCommittedIn:now:isInUse:)``), never those of a sink: one that stands still for a month goes on where it was.
/// The records are drawn at ``OffsetRecord``; ``open(in:disk:)`` reads them.
package final class OffsetStore: Sendable {
    /// The topic, by Kafka's name.
    package static let topic = TopicName.committedOffsets

    /// How the topic is kept. Segments are small, as the active one is not compacted and all are read at the start
    /// (`offsets.topic.segment.bytes`). Commits that wait for the device share a flush, so no append forces one. What does not
    /// matter is named so that the node's defaults do not change it.
    static let settings = [
        "cleanup.policy": "compact",
        "compression.type": "producer",
        "flush.messages": "\(Int64.max)",
        "max.message.bytes": "\(batchBytesMax)",
        "message.timestamp.type": "CreateTime",
        "segment.bytes": "\(segmentBytes)",
    ]
    package static let segmentBytes = 4 * 1024 * 1024
    /// One commit is one batch: Kafka's `max.message.bytes`.
    package static let batchBytesMax = 1_048_588

    private let log: PartitionLog
    private let clock: LogClock
    /// Held while records are appended, so that the log has them in the order in which they count.
    private let groups: Mutex<OffsetGroups>

    /// - Parameter groups: What the log says.
    init(_ log: PartitionLog, _ groups: OffsetGroups, clock: LogClock) {
        self.log = log
        self.clock = clock
        self.groups = Mutex(groups)
    }

    /// Stores all of these offsets, or throws and stores none.
    ///
    /// - Parameters:
    ///   - time: By the log's clock; see `LogClock`.
    ///   - exists: Whether there is such a topic; offsets of others are left out. It is asked while nothing else
    ///     changes, so a commit comes either before the ``forget(topics:)`` of a topic that is deleted, or not at all.
    /// - Returns: the partitions whose offsets were stored.
    @discardableResult
    package func commit(
        group: String,
        _ offsets: [TopicPartition: CommittedOffset],
        at time: Int64,
        ofTopicsThat exists: (String) -> Bool = { _ in true }
    ) throws(IngestorError) -> Set<TopicPartition> {
        let timeOfDay = clock.timeOfDay()
        return try changing { groups throws(IngestorError) in
            let taken = offsets.filter { exists($0.key.topic) }.sorted { $0.key < $1.key }
            let records = taken.map { partition, offset in
                OffsetRecord(group: group, partition: partition, committed: offset, timeOfDay: timeOfDay)
            }
            let batches = OffsetBatch.batches(records, bytesMax: Self.batchBytesMax)
            guard batches.count <= 1, batches.allSatisfy({ $0.byteCount <= Self.batchBytesMax }) else {
                throw .commitTooLarge(
                    bytes: batches.reduce(0) { $0 + $1.byteCount },
                    bytesMax: Self.batchBytesMax
                )
            }
            try append(batches, to: &groups, at: time)
            return Set(taken.map(\.key))
        }
    }

    /// Removes what every group committed of a deleted topic.
    package func forget(topics: Set<String>) throws(IngestorError) {
        try changing { groups throws(IngestorError) in try forget(groups.partitions(of: topics), in: &groups) }
    }

    /// Removes what a group committed.
    ///
    /// - Returns: whether that was anything.
    package func forget(group: String) throws(IngestorError) -> Bool {
        try changing { groups throws(IngestorError) in
            guard let known = groups.offsets(of: group) else { return false }
            try forget(known.keys.sorted().map { (group, $0) }, in: &groups)
            return true
        }
    }

    /// Removes what a group committed of these partitions.
    package func forget(_ partitions: Set<TopicPartition>, of group: String) throws(IngestorError) {
        try changing { groups throws(IngestorError) in
            let known = groups.offsets(of: group) ?? [:]
            try forget(partitions.filter { known[$0] != nil }.sorted().map { (group, $0) }, in: &groups)
        }
    }

    /// Removes the groups whose last commit was at one of these times, unless they are in use. The retention of a group that
    /// is in use starts again at `now`, in memory.
    ///
    /// - Returns: the groups that are gone.
    package func expire(
        lastCommittedIn times: Range<Int64>,
        now: Int64,
        isInUse: (String) -> Bool
    ) throws(IngestorError) -> [String] {
        let old = groups.withLock { $0.groups(lastCommittedIn: times) }
        var expired: [String] = []
        for group in old {
            if isInUse(group) {
                groups.withLock { $0.touch(group, at: now) }
                continue
            }
            let isGone = try changing { groups throws(IngestorError) in
                // The group may have committed meanwhile.
                guard groups.hasLastCommitted(group, in: times), let known = groups.offsets(of: group) else {
                    return false
                }
                try forget(known.keys.sorted().map { (group, $0) }, in: &groups)
                return true
            }
            if isGone { expired.append(group) }
        }
        return expired
    }

    /// Returns when every commit that returned is on the device. After a failure of the device no further commit is taken
    /// until the ingestor is started again: what the device has is unknown.
    package func flush() throws(IngestorError) {
        do throws(LogError) { try log.flush() } catch { throw IngestorError(error) }
    }

    private func changing<Outcome: Sendable>(
        _ body: (inout OffsetGroups) throws(IngestorError) -> Outcome
    ) throws(IngestorError) -> Outcome {
        let result = groups.withLock { groups in Result { () throws(IngestorError) in try body(&groups) } }
        return try result.get()
    }

    private func forget(
        _ places: [(group: String, partition: TopicPartition)],
        in groups: inout OffsetGroups
    ) throws(IngestorError) {
        let records = places.map { OffsetRecord(group: $0.group, partition: $0.partition) }
        let batches = OffsetBatch.batches(records, bytesMax: Self.batchBytesMax)
        try append(batches, to: &groups, at: clock.now())
    }

    private func append(
        _ batches: [OffsetBatch],
        to groups: inout OffsetGroups,
        at time: Int64
    ) throws(IngestorError) {
        for batch in batches {
            do throws(LogError) {
                _ = try log.append(batch: batch.bytes(time: time), now: time)
            } catch {
                throw IngestorError(error)
            }
            for record in batch.records { groups.apply(record, at: time) }
        }
    }
}

/// What is known, without waiting for the disk.
extension OffsetStore {
    /// The groups that have committed offsets.
    package var groupNames: Set<String> { groups.withLock { $0.names } }

    /// Whether a group has committed offsets.
    package func knows(group: String) -> Bool { groups.withLock { $0.offsets(of: group) != nil } }

    /// Whether a commit would be more than is kept: one more than `groupsMax` groups with offsets, or with what it adds more
    /// than `bytesMax` bytes.
    package func isFull(
        for group: String,
        _ offsets: [TopicPartition: CommittedOffset],
        groupsMax: Int,
        bytesMax: Int
    ) -> Bool {
        groups.withLock { groups in
            if groups.offsets(of: group) == nil, groups.count >= groupsMax { return true }
            let added = groups.bytesAdded(by: offsets, to: group)
            return added > 0 && groups.byteCount + added > bytesMax
        }
    }

    /// All committed offsets of a group.
    package func offsets(of group: String) -> [TopicPartition: CommittedOffset] {
        groups.withLock { $0.offsets(of: group) ?? [:] }
    }

    /// The committed offset of a group in a partition; `nil` where it has committed none.
    package func offset(of group: String, _ partition: TopicPartition) -> CommittedOffset? {
        groups.withLock { $0.offsets(of: group)?[partition] }
    }
}
