import CommitLedger
import ConnectAPI
import ConnectRuntime
import HDFSSink
import KafkaTopics
import PlainText

/// A partition that is not filed until an operator decides something, and what repairs it.
package struct StandingPartition: Hashable, Sendable, Encodable {
    package enum Cause: String, Hashable, Sendable, Encodable {
        /// Another record has the offset of the last filed one, or the topic has another id.
        case replaced
        /// The log ends before the place up to which records are filed.
        case endLost = "end lost"
        case recordDamaged = "commit record damaged"
        /// A newer version of this program wrote the newest commit record.
        case newerVersion = "newer version"
        case fileInTheWay = "file in the way"
        case unreadable
    }

    package let topic: String
    package let partition: Int32
    package let cause: Cause
    package let what: String
    /// The offset at which it has stopped; `nil` where no commit record tells.
    package let offset: Int64?
    /// The time of its newest commit record, in milliseconds since 1970; `nil` where none can be read.
    package let since: Int64?
    /// The command or the step that repairs it.
    package let cure: String

    init(_ partition: TopicPartition, _ mismatch: LogMismatch, record: CommitRecord, cure: String) {
        let cause: Cause =
            switch mismatch {
            case .topicID, .record: .replaced
            case .end: .endLost
            }
        self.init(partition, cause, mismatch.fact, record: record, cure: cure)
    }

    init(_ partition: TopicPartition, _ cause: Cause, _ what: String, record: CommitRecord?, cure: String) {
        topic = partition.topic
        self.partition = partition.partition
        self.cause = cause
        self.what = what
        offset = record?.next
        since = record?.time
        self.cure = cure
    }
}

/// What Kafka has of a partition.
package struct LogState: Hashable, Sendable {
    /// Which topic of this name it is, where the broker tells.
    package var topicID: String?
    /// From the first offset that is there to the one that the next record will get.
    package var offsets: Range<Int64>

    package init(topicID: String?, offsets: Range<Int64>) {
        self.topicID = topicID
        self.offsets = offsets
    }
}

extension CommitRecord {
    /// How the log that is there now differs from the one that this record's offsets belong to; `nil` where it does not, or
    /// nothing tells.
    ///
    /// - Parameter found: the record at the fingerprint's offset now.
    func mismatch(with log: LogState, found: RecordFingerprint?) -> LogMismatch? {
        let start = SinkStart(next: next, fingerprint: fingerprint, topicID: topicID)
        if let mismatch = start.mismatch(topicID: log.topicID, end: log.offsets.upperBound) { return mismatch }
        guard let fingerprint, let found, found != fingerprint else { return nil }
        return .record(known: fingerprint, found: found)
    }
}

extension StandingPartition {
    /// As `hera repair list` prints it.
    package var text: String {
        let place = offset.map { ", at offset \($0)" } ?? ""
        let time = since.map { ", since \(TimeText.utc(milliseconds: $0))" } ?? ""
        return ["\(topic)-\(partition): \(cause.rawValue)\(place)\(time)", "  \(what)", "  mend it: \(cure)"]
            .map(PrintableText.escaping).joined(separator: "\n")
    }
}
