package import KafkaTopics
package import Storage

/// Reads the commit records of a connector as they lie on disk, without changing anything: for the audit and
/// `hera repair`.
package struct CommitRecordReader: Sendable {
    /// The records of one partition, those that were pruned and put aside included.
    package struct History: Sendable {
        package let partition: TopicPartition
        /// In the order of their sequence numbers; the last one is the state of the partition.
        package let records: [StoredRecord]
        /// What is wrong with them, in words.
        package let problems: [String]

        /// The newest record.
        package var newest: CommitRecord? { records.last?.record }
    }

    /// The newest record of a partition, as a takeover would find it.
    package enum Newest: Sendable {
        case none
        case record(StoredRecord)
        /// It cannot be used, for this reason.
        case unusable(sequence: Int64, path: StoragePath, reason: CommitRecordCoding.Failure)
    }

    private let storage: any FileSystem
    private let connectorDirectory: StoragePath

    /// - Parameters:
    ///   - storage: The storage that holds the records.
    ///   - logsDirectory: `logs.dir` of the connector.
    ///   - connector: The connector's name.
    /// - Throws: `StorageError` with the code `invalidPath` if the name leads out of the storage.
    package init(
        storage: any FileSystem,
        logsDirectory: StoragePath,
        connector: String
    ) throws(StorageError) {
        self.storage = storage
        connectorDirectory = try logsDirectory.appending(connector)
    }

    /// The partitions that have a commit directory, sorted.
    package func partitions() async throws(StorageError) -> [TopicPartition] {
        var found: [TopicPartition] = []
        for topic in try await storage.list(connectorDirectory) where topic.isDirectory {
            for partition in try await storage.list(topic.path) where partition.isDirectory {
                guard let number = Int32(partition.path.name), number >= 0 else { continue }
                found.append(TopicPartition(topic: topic.path.name, partition: number))
            }
        }
        return found.sorted()
    }

    /// The newest record of a partition whose sequence number is below `limit`.
    package func newest(of partition: TopicPartition, below limit: Int64 = .max) async throws(StorageError) -> Newest {
        let directory = try connectorDirectory.appending("\(partition.topic)/\(partition.partition)")
        while true {
            let sequences = try await storage.list(directory).compactMap { CommitLayout.sequence(ofName: $0.path.name) }
            guard let sequence = sequences.filter({ $0 < limit }).max() else { return .none }
            let path = try directory.appending(CommitLayout.name(ofSequence: sequence))
            do {
                let bytes = try await storage.read(path, bytesMax: CommitRecordCoding.bytesMax)
                let stored = try CommitRecordCoding.record(from: bytes)
                guard let reason = stored.record.strangeness(as: sequence, of: partition) ?? stored.record.contradiction
                else { return .record(stored) }
                return .unusable(sequence: sequence, path: path, reason: .init(description: reason))
            } catch let error as CommitRecordCoding.Failure {
                return .unusable(sequence: sequence, path: path, reason: error)
            } catch let error as StorageError {
                // It was pruned since it was listed: there is a newer one. A link that leads nowhere is always so.
                let isThere = try await storage.status(of: path) != nil
                guard error.code == .notFound || error.code == .tooLarge else { throw error }
                if isThere {
                    return .unusable(sequence: sequence, path: path, reason: .init(description: error.reason))
                }
            } catch {
                preconditionFailure("reading a record throws nothing else: \(error)")
            }
        }
    }

    /// The history of a partition, with each record checked in itself and against the one before it.
    ///
    /// A record that is withdrawn while this reads is left out. A record that does not fit the one before it is a
    /// problem: one of them was changed, or a paused writer placed it after the partition had a new owner.
    package func history(of partition: TopicPartition) async throws(StorageError) -> History {
        let directory = try connectorDirectory.appending("\(partition.topic)/\(partition.partition)")
        var records: [StoredRecord] = []
        var problems: [String] = []
        // The archive last: a record that is pruned in between is listed in both places, not in none.
        let kept = try await storage.list(directory).map(\.path).sorted()
        let archive = try directory.appending(CommitLayout.archiveName)
        let archived = try await storage.files(under: archive).map(\.path)
        for path in archived + kept {
            guard let sequence = CommitLayout.sequence(ofName: path.name) else { continue }
            // A number that is there twice was placed again by a paused writer, and does not count.
            if let last = records.last, last.record.sequence >= sequence { continue }
            let put = try CommitLayout.archivedRecord(sequence: sequence, below: directory)
            var found = try await read(path, &problems)
            // It was pruned after it was listed.
            if found == nil, path != put { found = try await read(put, &problems) }
            guard let stored = found else { continue }
            if let strangeness = stored.record.strangeness(as: sequence, of: partition) {
                problems.append("\(path): \(strangeness)")
            }
            if let contradiction = stored.record.contradiction { problems.append("\(path): \(contradiction)") }
            if let before = records.last, before.record.sequence == sequence - 1 {
                problems += Self.misfits(stored, after: before).map { "\(path): \($0)" }
            }
            records.append(stored)
        }
        return History(partition: partition, records: records, problems: problems)
    }

    private func read(_ path: StoragePath, _ problems: inout [String]) async throws(StorageError) -> StoredRecord? {
        let bytes: [UInt8]
        do {
            bytes = try await storage.read(path, bytesMax: CommitRecordCoding.bytesMax)
        } catch  where error.code == .notFound {
            return nil
        }
        do throws(CommitRecordCoding.Failure) {
            return try CommitRecordCoding.record(from: bytes)
        } catch {
            problems.append("\(path): it cannot be used: \(error)")
            return nil
        }
    }

    /// What of `stored` does not follow from the record before it.
    private static func misfits(_ stored: StoredRecord, after before: StoredRecord) -> [String] {
        var found: [String] = []
        if stored.record.previous != before.digest {
            found.append("the record before it has another hash than it says")
        }
        let record = stored.record
        if record.kind == .reset {
            if record.lineage != before.record.lineage + 1 {
                found.append("it begins lineage \(record.lineage) after \(before.record.lineage)")
            }
            let unfiled = record.skipped.reduce(0) { $0 + $1.next - $1.first }
            let past = before.record.earlier + before.record.totals + CommitCounts(skipped: unfiled)
            if record.earlier != (record.cleared == record.lineage ? CommitCounts() : past) {
                found.append("its totals of earlier lineages are not those of the record before it")
            }
            return found
        }
        if record.emptied != before.record.emptied || record.cleared != before.record.cleared {
            found.append("it says otherwise than the record before it which lineages were emptied")
        }
        if record.lineage != before.record.lineage {
            found.append("its lineage is \(record.lineage), that of the record before it \(before.record.lineage)")
        }
        if let place = before.record.next, let first = record.first, place != first {
            found.append("it begins at \(first) and the record before it ends at \(place)")
        }
        if record.totals != before.record.totals + record.counts || record.earlier != before.record.earlier {
            found.append("its totals are not those of the record before it and its own counts")
        }
        return found
    }
}
