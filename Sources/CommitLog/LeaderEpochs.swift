/// Which leader epoch each record of a log is of (KIP-101): an epoch begins at an offset and ends where the next begins.
///
/// There is one node, which leads from the start. Its epoch rises each time that the log is opened and was not closed:
/// records that readers have seen may be gone then, and a reader whose place is after the end of the epoch that it knows
/// learns that (KIP-320). A topic that is made after another one was deleted begins with a greater epoch too. An epoch that has no records is not kept once a greater one begins.
///
///     {"entries":[{"epoch":0,"startOffset":0},{"epoch":3,"startOffset":70211}]}
package struct LeaderEpochs: Codable, Hashable, Sendable {
    /// Where an epoch begins.
    struct Entry: Codable, Hashable, Sendable {
        let epoch: Int32
        let startOffset: Int64
    }

    /// By epoch, and by offset: both rise.
    private(set) var entries: [Entry] = []

    /// Of a log that has been in this epoch since an offset, its first one as a rule.
    init(since epoch: Int32 = 0, at offset: Int64 = 0) {
        entries = [Entry(epoch: epoch, startOffset: offset)]
    }

    /// The epoch of the records that are appended now.
    var latest: Int32 { entries.last?.epoch ?? 0 }

    /// Whether both epochs and offsets rise, as they do where nothing is damaged.
    var isPossible: Bool {
        guard let first = entries.first, first.epoch >= 0, first.startOffset >= 0 else { return false }
        return zip(entries, entries.dropFirst()).allSatisfy {
            $0.epoch < $1.epoch && $0.startOffset < $1.startOffset
        }
    }

    /// A greater epoch begins at an offset; what was said of records from there on, which are gone, does not hold.
    mutating func begin(_ epoch: Int32, at offset: Int64) {
        guard epoch > latest else { return }
        entries.removeAll { $0.startOffset >= offset }
        entries.append(Entry(epoch: epoch, startOffset: offset))
        // The oldest answers are given up, so that the list is bounded however often the log is opened.
        if entries.count > LogLimits.leaderEpochsMax { entries.removeFirst() }
    }

    /// The records before an offset are gone. The epoch of the first one that is left begins where it began.
    mutating func trim(before offset: Int64) {
        guard let first = entries.lastIndex(where: { $0.startOffset <= offset }) else { return }
        entries.removeFirst(first)
    }

    /// The epoch of the record at an offset; of one before the first entry, whose epoch was forgotten, the first that is known.
    func epoch(at offset: Int64) -> Int32 {
        (entries.last { $0.startOffset <= offset } ?? entries.first)?.epoch ?? 0
    }

    /// The least epoch that a batch can have which begins at an offset: of those before the first entry any, as theirs were
    /// forgotten.
    func leastEpoch(at offset: Int64) -> Int32 { entries.last { $0.startOffset <= offset }?.epoch ?? 0 }

    /// Whether a place that a reader has in an epoch is of a log that had this one's name before: of an epoch before the first
    /// one no record is after its start.
    func isElsewhere(_ offset: Int64, in epoch: Int32) -> Bool {
        guard epoch >= 0, let first = entries.first else { return false }
        return epoch < first.epoch && offset > first.startOffset
    }

    /// The greatest epoch of this log that is not greater than `epoch`, and the offset after its last record.
    ///
    /// - Returns: `nil` where `epoch` has not begun.
    func end(of epoch: Int32, logEnd: Int64) -> (epoch: Int32, endOffset: Int64)? {
        if epoch == latest { return (epoch, logEnd) }
        guard let next = entries.firstIndex(where: { $0.epoch > epoch }) else { return nil }
        // Of epochs before the first one that is known, no record is left.
        return (next > 0 ? entries[next - 1].epoch : epoch, entries[next].startOffset)
    }
}

extension Int32 {
    /// The sum, or the greatest number where it is greater.
    func addingSaturating(_ other: Int32) -> Int32 {
        let (sum, overflows) = addingReportingOverflow(other)
        return overflows ? .max : sum
    }
}
