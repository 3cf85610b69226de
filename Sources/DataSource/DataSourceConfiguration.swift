package import Community
package import KafkaClient

/// What a run of the source does.
package struct DataSourceConfiguration: Sendable {
    /// What decides the records.
    package var community: CommunityConfiguration
    /// How records are sent, and where to.
    package var producer: ProducerConfiguration
    /// The records of the sequence that are passed over, since earlier runs sent them.
    package var sentBefore = SentRecords()
    /// How many records follow the initial ones; `nil`: no end.
    package var furtherRecords: Int?
    /// After which time no more records are made; `nil`: never.
    package var duration: Duration?
    /// Records per second, 1…`Limits.rateMax`; `nil`: as fast as they are taken.
    package var rate: Int?
    /// How many producers share the sending, 1…`Limits.parallelismMax`. More than there are partitions are not used.
    package var parallelism = 2
    /// Where the ground truth is written; made if it is not there. `nil`: it is not written.
    package var truthDirectory: String?
    /// What makes rows of the producers' statistics; `nil`: they make none.
    package var metrics: MetricsRecorder?
    /// Identifies the boot of this machine, see `GroundTruth.bootID`.
    package var bootID: String?
    /// When the run begins, in milliseconds since 1970-01-01T00:00Z; names its ground truth.
    package var startedAtMilliseconds: Int64

    package init(
        community: CommunityConfiguration,
        producer: ProducerConfiguration,
        startedAtMilliseconds: Int64
    ) {
        self.community = community
        self.producer = producer
        self.startedAtMilliseconds = startedAtMilliseconds
    }

    /// How many records the run makes; `nil`: no end.
    var totalRecords: Int? {
        furtherRecords.map { max(0, community.initialRecordCount + $0 - sentBefore.producedCount) }
    }

    /// Why the configuration is invalid; `nil` if it is valid.
    package var problem: String? {
        if let problem = community.problem { return problem }
        if let furtherRecords, !(0...Self.furtherRecordsMax).contains(furtherRecords) {
            return "the count of further records is \(furtherRecords); it must be 0…\(Self.furtherRecordsMax)"
        }
        let sent = sentBefore.producedCount
        if sent < 0 { return "the count of records to pass over is \(sent); it must be 0 or more" }
        if let duration, duration <= .zero { return "the duration is \(duration); it must be positive" }
        if let rate, !(1...Limits.rateMax).contains(rate) {
            return "the rate is \(rate) records a second; it must be 1…\(Limits.rateMax)"
        }
        if !(1...Limits.parallelismMax).contains(parallelism) {
            return "the parallelism is \(parallelism); it must be 1…\(Limits.parallelismMax)"
        }
        return nil
    }

    /// As many as can be counted with the initial ones.
    private static let furtherRecordsMax = 1_000_000_000_000_000
}
