// Placing a record under its sequence number, which is what decides between writers: section 5 of the specification.
extension CommitProtocol {
    mutating func write(_ record: CommitRecord) -> Action {
        state = .writing(record)
        return .writeRecord(record)
    }

    mutating func place(_ stored: StoredRecord, attempt: Int) -> Action {
        guard attempt <= Limits.attemptsMax else {
            let name = "commit record \(stored.record.sequence)"
            return stop(Problem(isRetriable: true, "the storage gave no answer to the renaming of \(name)"))
        }
        state = .placing(stored, attempt: attempt)
        return .placeRecord(stored.record)
    }

    /// Reads back who has the sequence number.
    mutating func check(_ stored: StoredRecord, _ attempt: Int, wasRefused: Bool) -> Action {
        state = .checking(stored, attempt: attempt, wasRefused: wasRefused)
        return .readRecord(sequence: stored.record.sequence)
    }

    mutating func checked(
        _ stored: StoredRecord,
        _ attempt: Int,
        _ wasRefused: Bool,
        _ found: StoredRecord?
    ) -> Action {
        if let found { return found.record.writer == writer ? placed(stored) : lostRace(stored) }
        // Refused although the number is free: our file was swept by a later takeover, whose record is there.
        // Not refused: it was not done so far.
        return wasRefused ? lostRace(stored) : place(stored, attempt: attempt + 1)
    }

    /// The record has its number; whether it counts, a second list tells.
    mutating func placed(_ stored: StoredRecord) -> Action {
        let check: Checks = stored.record.kind == .takeover ? .listAfterTakeover : .listAfterCommit
        guard checks.contains(check) else { return relisted(stored, [stored.record.sequence]) }
        state = .relisting(stored)
        return .listRecords
    }

    mutating func relisted(_ stored: StoredRecord, _ sequences: [Int64]) -> Action {
        let isNewest = sequences.allSatisfy { $0 <= stored.record.sequence }
        guard isNewest else {
            state = .withdrawing(stored)
            return .deleteRecord(sequence: stored.record.sequence)
        }
        switch stored.record.kind {
        case .takeover: return tookOver(stored, sequences)
        case .commit, .reset, .skip: return publish(Publication(stored: stored, old: prunable(sequences, stored)))
        }
    }

    /// Somebody else has the number, or a greater one: drops what was written for it.
    mutating func lostRace(_ stored: StoredRecord) -> Action {
        let record = stored.record
        let files = record.files.map { TemporaryFile(kind: .data(epoch: record.epoch), path: $0.temporary) }
        return discard(record, files[...])
    }

    mutating func discard(_ record: CommitRecord, _ rest: ArraySlice<TemporaryFile>) -> Action {
        if let next = rest.first {
            state = .discarding(record, rest: Array(rest))
            return .deleteTemporary(next)
        }
        state = .discardingRecord(record)
        return .deleteTemporaryRecord(record)
    }

    mutating func discarded(_ record: CommitRecord) -> Action {
        if record.kind == .takeover { return list() }
        state = .ended
        return .fenced
    }
}
