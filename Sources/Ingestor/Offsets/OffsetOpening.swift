package import CommitLog
package import Files
package import KafkaTopics
import NIOCore
package import SystemPackage

extension OffsetStore {
    /// The journal of earlier versions.
    static let journalName = "committed-offsets"

    /// Opens the committed offsets of a root, and begins the logs: see `LogManager/begin(reached:)`.
    ///
    /// An earlier version kept them in a journal; its groups become records of the topic, once:
    ///
    /// 1. The journal is read. What is damaged in it is kept in a file beside it.
    /// 2. `topics.json` says that a directory of this name is left over.
    /// 3. The log is made, has its records and is forced to the device, and with it the name of its directory.
    /// 4. `topics.json` has the topic instead, in a version that earlier programs refuse.
    /// 5. The journal is removed.
    ///
    /// Until the fourth step the journal counts, whatever is in the directory, which the next opening removes, also one by
    /// an earlier program. From then on the topic does: a journal that is still there is removed.
    package static func open(
        in manager: LogManager,
        disk: Disk = Disk()
    ) throws(IngestorError) -> (store: OffsetStore, recovery: OffsetRecovery) {
        let journal = manager.root.appending(journalName)
        let partition = TopicPartition(topic: topic, partition: 0)
        var recovery = OffsetRecovery()
        let groups: OffsetGroups
        if manager.topic(named: topic)?.isInternal == true, let log = manager.log(for: partition) {
            groups = try read(log, &recovery)
            try begin(manager, groups, &recovery)
        } else {
            groups = try read(journal, now: manager.clock.now(), disk, &recovery)
            try makeRoom(in: manager)
            try begin(manager, groups, &recovery)
            try create(in: manager, groups)
        }
        recovery.groups = groups.count
        guard let log = manager.log(for: partition) else { preconditionFailure("\(topic) was made and is not there") }
        try IngestorError.mapping { () throws(FileError) in
            try disk.remove(journal)
            // Of a journal that was being written anew.
            try disk.remove(FilePath("\(journal).\(Disk.temporaryExtension)"))
        }
        return (OffsetStore(log, groups, clock: manager.clock), recovery)
    }

    private static func read(_ log: PartitionLog, _ recovery: inout OffsetRecovery) throws(IngestorError)
        -> OffsetGroups
    {
        var groups = OffsetGroups()
        var problem: OffsetRecord.Problem?
        do throws(LogError) {
            recovery.unreadable = try log.forEachRecord { record in
                do throws(OffsetRecord.Problem) {
                    groups.apply(try OffsetRecord(record), at: record.timestamp)
                } catch {
                    problem = problem ?? error
                }
            }
        } catch {
            throw IngestorError(error)
        }
        guard let problem else { return groups }
        let reason =
            switch problem {
            case .unknown:
                "has records of a kind that this program does not know. A newer hera wrote them: start that one"
            case .malformed:
                "has records that are not committed offsets. Restore \(log.directory) from a backup, or move it away to start "
                    + "without it: every group then begins where its client's auto.offset.reset says"
            }
        throw IngestorError(code: .corruptFile, message: "\(topic) \(reason)")
    }

    private static func read(
        _ path: FilePath,
        now: Int64,
        _ disk: Disk,
        _ recovery: inout OffsetRecovery
    ) throws(IngestorError) -> OffsetGroups {
        try IngestorError.mapping { () throws(FileError) in
            let journal = try OffsetJournal(at: path, now: now, disk: disk)
            recovery.bytesCut = journal.bytesTorn
            recovery.bytesDamaged = journal.damaged.readableBytes
            recovery.damagedPath = try journal.setDamageAside(from: path, disk: disk)
            return journal.groups
        }
    }

    /// A client of an earlier version may have made a topic of this name.
    private static func makeRoom(in manager: LogManager) throws(IngestorError) {
        guard let other = manager.topic(named: topic) else { return }
        let hasRecords = other.partitions.compactMap { manager.log(for: $0) }
            .contains { $0.logStartOffset < $0.endOffset }
        guard !hasRecords else {
            throw .configuration(
                "the topic '\(topic)' has records of a client, and from this version on the ingestor keeps the offsets of "
                    + "groups under this name. Start the earlier program, read what you need of it, delete it with "
                    + "'hera topics delete \(topic)', and start this one again"
            )
        }
        do throws(LogError) { try manager.deleteTopic(topic) } catch { throw IngestorError(error) }
    }

    private static func begin(
        _ manager: LogManager,
        _ groups: OffsetGroups,
        _ recovery: inout OffsetRecovery
    ) throws(IngestorError) {
        do throws(LogError) {
            recovery.gaps = try manager.begin(reached: groups.greatestOffsets)
        } catch {
            throw IngestorError(error)
        }
    }

    private static func create(in manager: LogManager, _ groups: OffsetGroups) throws(IngestorError) {
        let now = manager.clock.now()
        do throws(LogError) {
            try manager.createTopic(topic, partitions: 1, overrides: settings, isInternal: true, now: now) {
                logs throws(LogError) in
                for (group, offsets, time) in groups.everything {
                    let records = offsets.sorted { $0.key < $1.key }.map {
                        OffsetRecord(group: group, partition: $0.key, committed: $0.value, timeOfDay: time)
                    }
                    for batch in OffsetBatch.batches(records, bytesMax: batchBytesMax) {
                        for log in logs { _ = try log.append(batch: batch.bytes(time: time), now: now) }
                    }
                }
                for log in logs { try log.flush() }
            }
        } catch {
            throw IngestorError(error)
        }
    }
}

extension OffsetGroups {
    /// Applies a record of the topic.
    ///
    /// - Parameter time: Its timestamp.
    mutating func apply(_ record: OffsetRecord, at time: Int64) {
        guard let offset = record.committed else { return forget(record.partition, of: record.group) }
        commit(offset, of: record.group, record.partition, at: time)
    }
}

/// What was found when committed offsets were opened.
package struct OffsetRecovery: Sendable, Equatable {
    /// Groups that have offsets.
    package internal(set) var groups = 0
    /// Records of the topic that cannot be read.
    package internal(set) var unreadable: [Range<Int64>] = []
    /// Bytes of an entry of the journal that was being written when the process died; they are left out.
    package internal(set) var bytesCut = 0
    /// Other damaged bytes of the journal; they are kept in ``damagedPath``.
    package internal(set) var bytesDamaged = 0
    package internal(set) var damagedPath: FilePath?
    /// Offsets of logs that are not given again, as groups had reached them.
    package internal(set) var gaps: [TopicPartition: Range<Int64>] = [:]
}
