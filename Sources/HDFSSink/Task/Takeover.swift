import ConnectAPI

/// One partition's takeover and how it ended.
struct Takeover: Sendable {
    let partition: SinkPartition
    let ledger: CommitLedger
    let result: Result<CommitLedger.Outcome, CommitProtocol.Problem>

    /// Takes `partition` over at `time`, the wall clock in milliseconds since 1970.
    init(_ partition: SinkPartition, _ ledger: CommitLedger, time: Int64) async {
        var ledger = ledger
        self.partition = partition
        do {
            result = .success(try await ledger.takeOver(time: time, topicID: partition.topicID))
        } catch {
            result = .failure(error)
        }
        self.ledger = ledger
    }
}
