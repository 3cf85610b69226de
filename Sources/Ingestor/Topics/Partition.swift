import CommitLog

/// One partition as requests see it: its log, and the fetches that wait for it.
final class Partition: Sendable {
    let log: PartitionLog
    let waits = FetchWaits()

    init(log: PartitionLog) {
        self.log = log
    }
}
