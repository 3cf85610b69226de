package import CommitLedger
import ConnectAPI
import ConnectRuntime
package import KafkaTopics

/// All that is known of a partition: from Kafka, from the commit records, and from the files themselves.
///
/// The records are read first, then the files, then Kafka's ends: so while the pipeline runs, nothing that a record
/// speaks of can be missing later.
package struct PartitionEvidence: Sendable {
    package var partition: TopicPartition
    /// The first offset that Kafka still has.
    package var earliest: Int64
    /// The offset that the next record will get.
    package var latest: Int64
    /// Whether Kafka has the partition.
    package var exists = true
    /// Whether the topic is one of those that the connector is to file.
    package var isOfConnector = true
    /// `nil` where the connector never took the partition over.
    package var commits: CommitEvidence?
    /// The files with final names; those that were filed after `commits` was read are left out.
    package var files: [FileEvidence]
    /// Files that still have their temporary names, by these; only the newest record can have some.
    package var pending: [String: FileScan]
    /// Temporary files that the newest record does not name.
    package var temporaries: [TemporaryFile]
    /// Distinct offsets of this partition in the dead letter queue, below the records' `next`; `nil` where it could not
    /// be read or was not asked for.
    package var deadLetters: Int64?
    /// Whether retention may have removed records from the dead letter queue.
    package var deadLettersIncomplete = false
    /// The topic's id; `nil` where the broker does not tell it.
    package var topicID: String?
    /// What reading the topic found; `nil` where it was not read.
    package var content: ContentEvidence?
    /// What the connector says of the partition, where it does not file it.
    package var standing: Standing?
    /// What was wrong already when the files were read.
    package var troubles: [AuditTrouble]

    package init(partition: TopicPartition, earliest: Int64, latest: Int64, commits: CommitEvidence?) {
        self.partition = partition
        self.earliest = earliest
        self.latest = latest
        self.commits = commits
        files = []
        pending = [:]
        temporaries = []
        troubles = []
    }
}

/// A partition that the connector does not file, as it says itself.
package struct Standing: Hashable, Sendable {
    /// Whether an operator has to act. Otherwise the partition has records and none of them arrives.
    package var hasFailed: Bool
    package var reason: String
    /// Since when, in milliseconds since 1970, where that is known.
    package var sinceMilliseconds: Int64?

    package init(hasFailed: Bool, reason: String, sinceMilliseconds: Int64?) {
        self.hasFailed = hasFailed
        self.reason = reason
        self.sinceMilliseconds = sinceMilliseconds
    }

    /// `nil` where the partition is being filed, or is tried again.
    init?(_ partition: SinkPartitionStatus, atMilliseconds now: Int64) {
        guard partition.state == .failed || partition.state == .stalled else { return nil }
        hasFailed = partition.state == .failed
        reason = partition.reason ?? "no reason is known"
        sinceMilliseconds = partition.unwellMilliseconds.map { now - $0 }
    }
}

/// A file of the raw zone as it lies there.
package struct FileEvidence: Hashable, Sendable {
    /// Below the storage's root.
    package var path: String
    package var name: FinalName
    package var scan: FileScan

    package init(path: String, name: FinalName, scan: FileScan) {
        self.path = path
        self.name = name
        self.scan = scan
    }
}

/// What reading a partition's records found.
package struct ContentEvidence: Sendable {
    package let partition: TopicPartition
    /// What the topic holds where commits explain its offsets; `nil` where that was not compared.
    package var digest: TopicDigest?
    /// The offsets that were read.
    package var read: Range<Int64>
    /// Why it was not read to its end; `nil` where it was.
    package var obstacle: String?
    /// How many records were seen that are not filed yet.
    package private(set) var inFlight: Int64 = 0
    /// The offset of the first of them.
    package private(set) var firstInFlight: Int64?
    /// Its timestamp, in milliseconds since 1970; `nil` where it has none.
    package private(set) var firstTimestamp: Int64?

    /// The record at the offset of the last one that is explained; `nil` where Kafka has none there.
    package var fingerprint: RecordFingerprint?

    package init(partition: TopicPartition, digest: TopicDigest?, read: Range<Int64>) {
        self.partition = partition
        self.digest = digest
        self.read = read
    }

    /// Notes a record that is not filed yet; they come in order.
    package mutating func sawInFlight(offset: Int64, timestamp: Int64?) {
        if firstInFlight == nil {
            firstInFlight = offset
            firstTimestamp = timestamp
        }
        inFlight += 1
    }
}
