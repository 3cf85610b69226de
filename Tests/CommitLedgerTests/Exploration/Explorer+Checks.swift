import CommitLedger
import KafkaTopics

/// What must hold in every state: the invariants of the specification, by their numbers there.
extension Explorer {
    func violation(in state: ModelState) -> String? {
        let newest = state.records.last.map { records[$0].record }
        let next = newest?.next ?? 0
        let lineage = newest?.lineage ?? 1
        // I1: no offset of a lineage lies in two final files.
        var filed: Set<Int64> = []
        var earlier: [Int64: Set<Int64>] = [:]
        for file in state.finals {
            let of = Self.lineage(of: files[file])
            for offset in offsets(of: files[file]) {
                let isNew =
                    of == lineage ? filed.insert(offset).inserted : earlier[of, default: []].insert(offset).inserted
                if !isNew { return "I1: offset \(offset) is filed twice: \(state.finals.map { files[$0].final })" }
            }
        }
        // I2: a final name appears only for what is committed.
        if let early = filed.first(where: { $0 >= next }) { return "I2: offset \(early) is filed and not committed" }
        if let later = earlier.keys.first(where: { $0 > lineage }) {
            return "I2: lineage \(later) is filed and not begun"
        }
        return missing(filed, newest, state) ?? changedEarlier(earlier, newest) ?? brokenChain(in: state)
    }

    /// I3 and I4: what is committed is filed or in a temporary file that the newest record names, and totals say so.
    private func missing(_ filed: Set<Int64>, _ newest: CommitRecord?, _ state: ModelState) -> String? {
        guard let newest, let next = newest.next else { return nil }
        let beginning = next - newest.totals.offsets
        let isSkipped = newest.totals.skipped > 0
        var owed = Set((beginning..<next).filter { !Self.isFiltered($0) && !(isSkipped && $0 == bounds.offsets - 1) })
        let rows = Int64(owed.count)
        if isSkipped, filed.contains(bounds.offsets - 1) { return "I1: the skipped offset is filed" }
        owed.subtract(filed)
        for file in newest.files where state.temporaries.contains(where: { files[$0] == file }) {
            owed.subtract(offsets(of: file))
        }
        if let lost = owed.min() { return "I3: offset \(lost) is committed and lost; \(newest)" }
        let skipped: Int64 = isSkipped ? 1 : 0
        let filtered = next - beginning - rows - skipped
        let expected = CommitCounts(rows: rows, bytes: rows, unfiled: .init(filtered: filtered), skipped: skipped)
        return newest.totals == expected ? nil : "I4: \(newest.totals) from \(beginning) to \(next)"
    }

    /// I7: what earlier lineages filed stays, and nothing is added to it; what a reset gave up does not count.
    private func changedEarlier(_ earlier: [Int64: Set<Int64>], _ newest: CommitRecord?) -> String? {
        let kept = earlier.filter { $0.key >= newest?.cleared ?? CommitRecord.firstLineage }
        let rows = kept.values.reduce(0) { $0 + Int64($1.count) }
        let expected = newest?.earlier.rows ?? 0
        return rows == expected ? nil : "I7: \(rows) rows of earlier lineages are filed, not \(expected)"
    }

    static func lineage(of file: CommitRecord.File) -> Int64 {
        file.final.split(separator: "l").dropFirst().first.flatMap { Int64($0) } ?? 1
    }

    /// I5: each record names the one before it. Of two writers without lost answers this is always so; otherwise a
    /// record that does not count may be placed late under the number of one that was withdrawn.
    private func brokenChain(in state: ModelState) -> String? {
        guard state.writers.count < 3, bounds.lost == 0 else { return nil }
        let kept = state.records.suffix(Int(bounds.recordsKept)).map { records[$0] }
        for (before, after) in zip(kept, kept.dropFirst()) where after.record.sequence == before.record.sequence + 1 {
            if after.record.previous != before.digest {
                return "I5: record \(after.record.sequence) does not follow \(before.record.sequence)"
            }
        }
        return nil
    }

    private func offsets(of file: CommitRecord.File) -> [Int64] {
        (file.first...file.last).filter { !Self.isFiltered($0) }
    }
}

/// What one writer alone makes of a state in which all others are dead: the end of every crash.
extension Explorer {
    /// How many steps a takeover can have in a space of this size: a bound for a machine that would not end.
    private static let stepsMax = 200

    /// I6: an undisturbed takeover ends, and leaves no temporary file and nothing unfinished.
    ///
    /// It depends on the file system alone, so each content of it is tried once.
    mutating func recoveryViolation(from crashed: ModelState) -> String? {
        var state = crashed
        state.late = []
        state.starts = 0
        state.lost = 0
        state.repairs = 0
        state.writers = []
        guard recovered.insert(state.hashValue).inserted else { return nil }
        state.writers = [recoverer(&state)]
        for _ in 0..<Self.stepsMax {
            guard failure == nil else { return failure }
            let activity = state.writers[0]
            guard let action = actions[Int(activity)] else { return violationAfterRecovery(state) }
            answer(activity, perform(action, &state), 0, &state)
        }
        return "I6: a takeover without disturbance does not end"
    }

    private mutating func recoverer(_ state: inout ModelState) -> UInt32 {
        let activity = startWriter(2, &state)
        state.starts = 0
        return activity
    }

    private func violationAfterRecovery(_ state: ModelState) -> String? {
        if let violation = violation(in: state) { return "after recovery, \(violation)" }
        let left =
            state.temporaries.map { files[$0].temporary } + state.temporaryRecords.map { Self.path(records[$0].record) }
        return left.isEmpty ? nil : "I6: left after a takeover: \(left)"
    }
}
