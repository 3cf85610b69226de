package import Community
package import KafkaClient
import KafkaTopics
import PlainText

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
    /// Records per second, 1…`Limits.rateMax`; `nil`: as fast as they are taken, or as ``shape`` says.
    package var rate: Int?
    /// How the rate changes with time; where the records are spread over a span, how many lie where in it.
    package var shape = RateShape()
    /// Which times the records have.
    package var timing = RecordTiming.sending
    /// How many producers share the sending, 1…`Limits.parallelismMax`. More than there are partitions are not used.
    package var parallelism = 2
    /// Where the ground truth is written; made if it is not there. `nil`: it is not written.
    package var truthDirectory: String?
    /// What makes rows of the producers' statistics; `nil`: they make none.
    package var metrics: MetricsRecorder?
    /// A compacted topic that the ground truth is written to as well; made if it is not there. `nil`: none.
    package var truthTopic: String?
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

    /// Whether the ground truth tells hours, bad records and digests, which cost time: only where it is written.
    var isDetailed: Bool { truthDirectory != nil || truthTopic != nil }

    /// The pace of the run; `nil`: as fast as records are taken.
    var pace: Pace? {
        let isSpread = if case .spread = timing { true } else { false }
        if isSpread || !shape.isAbsolute && rate == nil {
            return rate.map { Pace(recordsPerSecond: $0) }
        }
        return Pace(mean: shape.isAbsolute ? nil : rate, shape: shape, startMilliseconds: startedAtMilliseconds)
    }

    /// The times of the records.
    var times: RecordTimes {
        RecordTimes(
            timing,
            shape: shape,
            total: furtherRecords.map { community.initialRecordCount + $0 } ?? 0,
            startedAtMilliseconds: startedAtMilliseconds
        )
    }

    /// Why the configuration is invalid; `nil` if it is valid.
    package var problem: String? {
        if let problem = community.problem { return problem }
        if let problem = problemOfTimes { return problem }
        if let truthTopic {
            if let problem = TopicName.problem(with: truthTopic) { return "the topic of the ground truth: \(problem)" }
            if CommunityTopic(rawValue: truthTopic) != nil {
                return "the ground truth cannot be written to '\(truthTopic)', a topic of the community's events"
            }
        }
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

    private var problemOfTimes: String? {
        var isSpread = false
        switch timing {
        case .sending: break
        case .starting(let start): if let problem = Self.problem(ofStart: start) { return problem }
        case .spread(let start, let span):
            isSpread = true
            if let problem = Self.problem(ofStart: start) { return problem }
            guard (1...RecordTiming.spanMax).contains(span) else {
                return "the span is \(span) ms; it must be 1 ms to ten years"
            }
            if furtherRecords == nil {
                return "records can be spread over a span only where it is known how many there are: give their count"
            }
            let stretches = shape.stretchCount(in: span)
            if stretches > Limits.stretchesMax {
                return
                    "the bursts are too many for the span: curve and bursts divide it into \(stretches) stretches, and "
                    + "at most \(Limits.stretchesMax) are possible"
            }
        }
        if !isSpread, !shape.isFlat, !shape.isAbsolute, rate == nil {
            return "a curve or bursts need a rate that they raise and lower, or a span that they share out"
        }
        if !isSpread, shape.isAbsolute, rate != nil {
            return "the file of rates says how many records a second there are: give no other rate"
        }
        return nil
    }

    private static func problem(ofStart start: Int64) -> String? {
        guard !(RecordTiming.startMin...RecordTiming.startMax).contains(start) else { return nil }
        return
            "the start is \(TimeText.utc(milliseconds: start)); it must be from 1970-01-01T00:00:01Z to the year 8999"
    }

    /// As many as can be counted with the initial ones.
    private static let furtherRecordsMax = 1_000_000_000_000_000
}
