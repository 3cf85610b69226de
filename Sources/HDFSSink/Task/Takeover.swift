import CommitLedger
import ConnectAPI

/// One partition's takeover and how it ended.
struct Takeover: Sendable {
    /// A partition that is to be taken over.
    struct Candidate: Sendable {
        let partition: SinkPartition
        /// For a new takeover.
        let ledger: CommitLedger
        /// The ledger with which this task gave the partition up.
        let kept: CommitLedger?
    }

    let partition: SinkPartition
    let ledger: CommitLedger
    let result: Result<CommitLedger.Outcome, CommitProtocol.Problem>

    /// Takes a partition over at `time`, the wall clock in milliseconds since 1970. A kept takeover that still holds
    /// serves again, unless it names another topic before anything was filed, or files that were missing: once is enough.
    init(_ candidate: Candidate, time: Int64) async {
        partition = candidate.partition
        if let kept = candidate.kept, let record = kept.last, record.missing.isEmpty,
            record.next != nil || record.topicID == partition.topicID, await kept.isUntouchedTakeover()
        {
            ledger = kept
            result = .success(.tookOver(record))
            return
        }
        var ledger = candidate.ledger
        do {
            result = .success(try await ledger.takeOver(time: time, topicID: partition.topicID))
        } catch {
            result = .failure(error)
        }
        self.ledger = ledger
    }
}
