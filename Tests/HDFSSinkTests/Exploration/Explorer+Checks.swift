import HDFSSink

/// What must hold in every state: the invariants of the specification, by their numbers there.
extension Explorer {
    func violation(in state: ModelState) -> String? {
        let newest = state.records.last.map { records[$0].record }
        let next = newest?.next ?? 0
        // I1: no offset lies in two final files.
        var filed: Set<Int64> = []
        for file in state.finals {
            for offset in offsets(of: files[file]) where !filed.insert(offset).inserted {
                return "I1: offset \(offset) is filed twice: \(state.finals.map { files[$0].final })"
            }
        }
        // I2: a final name appears only for what is committed.
        if let early = filed.first(where: { $0 >= next }) { return "I2: offset \(early) is filed and not committed" }
        // I3: what is committed is filed, or in a temporary file that the newest record names.
        var owed = Set((0..<next).filter { !Self.isFiltered($0) })
        owed.subtract(filed)
        for file in newest?.files ?? [] where state.temporaries.contains(where: { files[$0] == file }) {
            owed.subtract(offsets(of: file))
        }
        if let lost = owed.min() { return "I3: offset \(lost) is committed and lost; \(String(describing: newest))" }
        // I4: the totals of the newest record explain every offset.
        if let newest {
            let rows = (0..<next).count { !Self.isFiltered($0) }
            let expected = CommitCounts(rows: Int64(rows), bytes: Int64(rows), filtered: next - Int64(rows))
            if newest.totals != expected { return "I4: \(newest.totals) after \(next) offsets" }
        }
        return brokenChain(in: state)
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
