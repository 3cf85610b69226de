import Community
import CoreMetrics
import GroundTruth
internal import Histogram
import KafkaClient
import KafkaTopics

/// Counts what a run handed to its producers, what the broker answered, and the first failure. Pure.
struct SettlementLedger: Sendable {
    /// The ground truth as it becomes known.
    private(set) var recorder: TruthRecorder
    private(set) var latency = AcknowledgementLatency()
    private(set) var handedOverCount = 0
    private(set) var acknowledgedCount = 0
    /// Records that failed before the run was told to stop.
    private(set) var failedCount = 0
    /// Why the first of them failed.
    private(set) var failure: KafkaClientError?

    init(_ truth: GroundTruth, isDetailed: Bool = true) {
        recorder = TruthRecorder(truth, isDetailed: isDetailed)
    }

    /// A parcel is given to the producer.
    mutating func handOver(_ parcel: Parcel) {
        recorder.made(parcel.tally, in: parcel.topic)
        handedOverCount += parcel.batch.count
    }

    /// The producer has taken a parcel.
    mutating func taken(_ parcel: PendingParcel) {
        if let hour = parcel.hour { recorder.sent(parcel.undated, in: parcel.topic, hour: hour) }
    }

    /// All records of a parcel are settled.
    ///
    /// - Parameters:
    ///   - isStopping: the run was told to stop, so records that the producer no longer accepted are not failures.
    mutating func settle(
        _ report: DeliveryReport,
        of parcel: PendingParcel,
        isStopping: Bool
    ) {
        let topic = parcel.topic
        precondition(report.records == parcel.traces.count, "a report is about all records of its parcel")
        for acknowledgement in report.acknowledgements {
            let partition = Int(acknowledgement.topicPartition.partition)
            recorder.acknowledged(acknowledgement.count, in: topic, partition: partition)
            latency.record(acknowledgement.latency, count: acknowledgement.count)
            acknowledgedCount += acknowledgement.count
            SourceMetrics.acknowledged(acknowledgement.count)
        }
        for failed in report.failures {
            let fate = TruthRecorder.Fate(of: failed.error)
            SourceMetrics.failed(failed.records.count)
            for record in failed.records {
                recorder.lost(parcel.traces[record], of: topic, sentIn: parcel.hour, fate: fate)
            }
            let isExpected = isStopping && failed.error.code == .closed
            if !isExpected {
                failure = failure ?? failed.error
                failedCount += failed.records.count
            }
        }
    }
}

/// How long records waited from the moment the producer took them to their acknowledgement.
///
/// Records that one answer of the broker acknowledged count with the latency of the first of them, the longest.
package struct AcknowledgementLatency: Sendable {
    private var histogram = Histogram<UInt64>(
        lowestDiscernibleValue: 1,
        highestTrackableValue: Limits.latencyMicrosecondsMax,
        numberOfSignificantValueDigits: .three
    )

    package init() {}

    /// How many records were acknowledged.
    package var count: Int { Int(histogram.totalCount) }

    /// Notes the latency of `count` records.
    mutating func record(_ latency: Duration, count: Int) {
        let (seconds, attoseconds) = latency.components
        let microseconds = max(0, seconds) * 1_000_000 + max(0, attoseconds) / 1_000_000_000_000
        let value = min(UInt64(microseconds), Limits.latencyMicrosecondsMax)
        let isRecorded = histogram.record(value, count: UInt64(count))
        precondition(isRecorded, "every latency up to the greatest is in the histogram's range")
    }

    /// The latency that `percent` of the records did not exceed; `nil` where none was acknowledged.
    package func percentile(_ percent: Double) -> Duration? {
        count == 0 ? nil : .microseconds(Int64(histogram.valueAtPercentile(percent)))
    }
}

extension TruthRecorder.Fate {
    /// What a failed record's error says of its fate. In doubt it may be in the topic: the ground truth must not
    /// claim what is unknown.
    init(of error: KafkaClientError) {
        let name = error.underlying?.name
        switch error.code {
        // The producer was stopped before it took the record; librdkafka's own name says whether it had been sent.
        case .cancelled, .closed: self = name == nil || name == "_PURGE_QUEUE" ? .rejected : .unresolved
        // The producer says these two only where no broker was ever reached.
        case .brokersUnreachable:
            self = name == "_ALL_BROKERS_DOWN" || name == "_MSG_TIMED_OUT" ? .rejected : .unresolved
        // The broker may have written it to its own disk before it found too few replicas.
        case .notEnoughReplicas: self = name == "NOT_ENOUGH_REPLICAS" ? .rejected : .unresolved
        case .refused, .unreadable: self = Self.refusals.contains(name ?? "") ? .rejected : .unresolved
        case .authentication, .authorization, .badRequest, .recordTooLarge, .unknownPartition, .unknownTopic:
            self = .rejected
        default: self = .unresolved
        }
    }

    /// What a broker answers about a record itself, before it writes anything, and would answer to every retry.
    private static let refusals: Set<String> = [
        "INVALID_MSG", "INVALID_RECORD", "INVALID_REQUIRED_ACKS", "INVALID_TIMESTAMP", "POLICY_VIOLATION",
    ]
}

/// What the source counts.
private enum SourceMetrics {
    private static let acknowledgedRecords = Counter(label: "hera_source_acknowledged_records_total")
    private static let failedRecords = Counter(label: "hera_source_failed_records_total")

    static func acknowledged(_ records: Int) { acknowledgedRecords.increment(by: records) }

    /// The broker refused records, or their fate is not known.
    static func failed(_ records: Int) { failedRecords.increment(by: records) }
}
