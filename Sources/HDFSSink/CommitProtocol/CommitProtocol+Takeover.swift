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
        if let reason = stored.record.contradiction ?? strangeness(of: stored.record, sequence) {
            let advice =
                "restore this very record, never a copy of another, or remove it by hand if the records before it tell "
                + "the truth"
            return stop(
                Problem(isRetriable: false, "commit record \(sequence) cannot be used: \(reason); \(advice)")
            )
        }
        guard checks.contains(.listAfterReading) else { return finish(stored) }
        state = .confirming(stored)
        return .listRecords
    }

    /// Why a record is not the one that its place promises; `nil` where it is.
    private func strangeness(of record: CommitRecord, _ sequence: Int64) -> String? {
        if record.topic != topic || record.partition != partition {
            return "it is of \(record.topic)-\(record.partition), not of \(topic)-\(partition)"
        }
        return record.sequence == sequence ? nil : "it says that it is record \(record.sequence)"
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

    mutating func writeTakeover(after last: StoredRecord?, next: Int64? = nil) -> Action {
        let sequence = (last?.record.sequence ?? 0) + 1
        let place = last?.record.next ?? next
        return write(
            CommitRecord(
                sequence: sequence,
                kind: .takeover,
                topic: topic,
                partition: partition,
                epoch: sequence,
                writer: writer,
                time: time,
                first: place,
                next: place,
                files: [],
                lost: [],
                missing: missing,
                counts: CommitCounts(),
                totals: last?.record.totals ?? CommitCounts(),
                previous: last?.digest
            )
        )
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
        case .takeover: return .tookOver(epoch: record.epoch, next: record.next, missing: record.missing)
        case .commit: return .committed(record)
        }
    }
}
