package import KafkaTopics

// Taking a partition over: section 3 of the specification.
extension CommitProtocol {
    mutating func list() -> Action {
        missing = []
        state = .listing
        return .listRecords
    }

    mutating func listed(_ sequences: [Int64]) -> Action {
        guard let newest = sequences.max() else {
            state = .scanning
            return .scanFinalNames
        }
        state = .reading(sequence: newest)
        return .readRecord(sequence: newest)
    }

    mutating func read(_ stored: StoredRecord?, _ sequence: Int64) -> Action {
        // It was pruned since it was listed: there is a newer one.
        guard let stored else { return list() }
        let place = TopicPartition(topic: topic, partition: partition)
        if let reason = stored.record.contradiction ?? stored.record.strangeness(as: sequence, of: place) {
            let words = "commit record \(sequence) cannot be used: \(reason); \(Self.cure(of: place))"
            return stop(Problem(isRetriable: false, words))
        }
        guard checks.contains(.listAfterReading) else { return finish(stored) }
        state = .confirming(stored)
        return .listRecords
    }

    /// What a person does about a newest record that cannot be used. It must not be removed by hand: its files may be there.
    package static func cure(of partition: TopicPartition) -> String {
        "restore this very record from a backup, or run `hera repair accept \(partition)`, which sets it aside"
    }

    /// What was read counts only if its number was the greatest even after it was read. Otherwise it may have been
    /// pruned in between, and a writer that slept may have placed a record of its own under its number.
    mutating func confirmed(_ stored: StoredRecord, _ sequences: [Int64]) -> Action {
        sequences.max() == stored.record.sequence ? finish(stored) : listed(sequences)
    }

    /// Finishes what the writer before left undone.
    mutating func finish(_ stored: StoredRecord) -> Action {
        guard stored.record.kind == .commit, checks.contains(.finishing) else { return writeTakeover(after: stored) }
        return publish(Publication(stored: stored))
    }

    mutating func writeTakeover(after last: StoredRecord?, place: FiledPlace? = nil) -> Action {
        let sequence = (last?.record.sequence ?? 0) + 1
        let next = last?.record.next ?? place?.next
        // Where nothing was filed so far, it is the topic that is there now. Otherwise the offsets belong to the topic that
        // they were filed from, whatever is there now: the caller compares the two.
        let isFresh = last?.record.next == nil
        var record = CommitRecord(
            sequence: sequence,
            kind: .takeover,
            topic: topic,
            partition: partition,
            epoch: sequence,
            writer: writer,
            time: time
        )
        record.topicID = isFresh ? topicID ?? last?.record.topicID : last?.record.topicID
        record.lineage = last?.record.lineage ?? place?.lineage ?? CommitRecord.firstLineage
        (record.first, record.next) = (next, next)
        record.fingerprint = last?.record.fingerprint
        record.missing = missing
        record.totals = last?.record.totals ?? CommitCounts()
        record.earlier = last?.record.earlier ?? CommitCounts()
        record.previous = last?.digest
        return write(record)
    }

    mutating func tookOver(_ mine: StoredRecord, _ sequences: [Int64]) -> Action {
        state = .listingTemporaries(mine: mine, old: prunable(sequences, mine))
        return .listTemporaries
    }

    mutating func sweep(_ rest: ArraySlice<TemporaryFile>, _ mine: StoredRecord, _ old: [Int64]) -> Action {
        guard let next = rest.first else { return prune(mine, old[...]) }
        state = .sweeping(mine: mine, rest: Array(rest), old: old)
        return .deleteTemporary(next)
    }

    /// The records that `mine` makes superfluous.
    func prunable(_ sequences: [Int64], _ mine: StoredRecord) -> [Int64] {
        sequences.filter { $0 <= mine.record.sequence - recordsKept }.sorted()
    }

    mutating func prune(_ stored: StoredRecord, _ rest: ArraySlice<Int64>) -> Action {
        if let next = rest.first {
            state = .pruning(stored, rest: Array(rest))
            return .pruneRecord(sequence: next)
        }
        state = .running(last: stored)
        let record = stored.record
        switch record.kind {
        case .takeover: return .tookOver(record)
        case .commit, .reset, .skip: return .committed(record)
        }
    }
}
