import Community
import GroundTruth
import KafkaClient
import KafkaTopics

/// A run's books: what was handed over, what the broker said of it, and the first thing that went wrong. Pure.
struct SettlementLedger: Sendable {
    /// The ground truth as it becomes known.
    private(set) var recorder: TruthRecorder
    private(set) var latency = AcknowledgementLatency()
    private(set) var handedOverCount = 0
    private(set) var acknowledgedCount = 0
    /// Records that failed while nobody had told the run to stop.
    private(set) var failedCount = 0
    /// Why the first of them failed.
    private(set) var failure: KafkaClientError?

    init(_ truth: GroundTruth) {
        recorder = TruthRecorder(truth)
    }

    /// A parcel is given to the producer.
    mutating func handOver(_ parcel: Parcel) {
        recorder.made(parcel.totals, in: parcel.topic)
        handedOverCount += parcel.batch.count
    }

    /// All records of a parcel are settled.
    ///
    /// - Parameters:
    ///   - effects: by record of the parcel.
    ///   - isStopping: the run was told to stop, so records that the producer no longer took are no failure.
    mutating func settle(
        _ report: DeliveryReport,
        of topic: CommunityTopic,
        effects: [EventEffect],
        isStopping: Bool
    ) {
        precondition(report.records == effects.count, "a report is about all records of its parcel")
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
                recorder.lost(effects[record], of: topic, fate: fate)
            }
            let isExpected = isStopping && failed.error.code == .closed
            if !isExpected {
                failure = failure ?? failed.error
                failedCount += failed.records.count
            }
        }
    }
}
