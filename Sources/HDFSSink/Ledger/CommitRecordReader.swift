package import KafkaTopics
package import Storage

/// Reads the commit records of a connector as they lie on disk, without changing anything: for the audit and for
/// people.
package struct CommitRecordReader: Sendable {
    /// The records of one partition, those that were pruned and put aside included.
    package struct History: Sendable {
        package let partition: TopicPartition
        /// In the order of their sequence numbers; the last one is the state of the partition.
        package let records: [StoredRecord]
        /// What is wrong with them, for a person; empty where all is well.
        package let problems: [String]

        /// The newest record.
        package var newest: CommitRecord? { records.last?.record }
    }

    private let storage: any FileSystem
    private let connectorDirectory: StoragePath

    /// - Parameters:
    ///   - storage: The storage that holds the records.
    ///   - logsDirectory: `logs.dir` of the connector.
    ///   - connector: The connector's name.
    /// - Throws: `StorageError` with the code `invalidPath` where the name leads out of the storage.
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

    /// The history of a partition, with each record checked in itself and against the one before it.
    ///
    /// A record that is withdrawn while this reads is left out. A record that does not fit the one before it is a
    /// problem: somebody changed one of them, or a writer that had slept placed it where it counts for nothing.
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
            // A number that is there twice was placed again by a writer that had slept: it counts for nothing.
            if let last = records.last, last.record.sequence >= sequence { continue }
            let put = try CommitLayout.archivedRecord(sequence: sequence, below: directory)
            var found = try await read(path, &problems)
            // It was pruned after it was listed.
            if found == nil, path != put { found = try await read(put, &problems) }
            guard let stored = found else { continue }
            if stored.record.sequence != sequence {
                problems.append("\(path): it says that its sequence is \(stored.record.sequence)")
            }
            if stored.record.topic != partition.topic || stored.record.partition != partition.partition {
                problems.append("\(path): it is of \(stored.record.topic)-\(stored.record.partition)")
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
        do {
            return try CommitRecordCoding.record(from: bytes)
        } catch {
            problems.append("\(path): it cannot be read: \(error)")
            return nil
        }
    }

    /// What of `stored` does not follow from the record before it.
    private static func misfits(_ stored: StoredRecord, after before: StoredRecord) -> [String] {
        var found: [String] = []
        if stored.record.previous != before.digest {
            found.append("the record before it has another hash than it says")
        }
        if let place = before.record.next, let first = stored.record.first, place != first {
            found.append("it begins at \(first) and the record before it ends at \(place)")
        }
        if stored.record.totals != before.record.totals + stored.record.counts {
            found.append("its totals are not those of the record before it and its own counts")
        }
        return found
    }
}
