import KafkaClient
import PlainText

/// What a step of a performance test measured.
package struct PerformanceMeasurement: Codable, Equatable, Sendable {
    package let settings: PerformanceSettings
    /// Why the step failed; not there where it did not, and nothing else is then.
    package let failure: String?
    /// Records that were acknowledged while it was measured; 0 also where it failed.
    package let records: Int
    package let elapsedSeconds: Double
    package let recordsPerSecond: Double
    /// Millions of bytes of the records' values.
    package let megabytesPerSecond: Double
    /// From handing a record over to its acknowledgement; not there where none came.
    package let latencyMilliseconds: SourceReport.Latency?
    /// Processors that this program kept busy, 1 being one of them all the time.
    package let processorsBusy: Double

    init(settings: PerformanceSettings, failure: String) {
        self.settings = settings
        self.failure = failure
        records = 0
        elapsedSeconds = 0
        recordsPerSecond = 0
        megabytesPerSecond = 0
        latencyMilliseconds = nil
        processorsBusy = 0
    }

    init(
        settings: PerformanceSettings,
        records: Int,
        elapsed: Duration,
        processor: Duration,
        latency: AcknowledgementLatency
    ) {
        let seconds = elapsed.inSeconds
        self.settings = settings
        failure = nil
        self.records = records
        elapsedSeconds = seconds
        recordsPerSecond = seconds > 0 ? Double(records) / seconds : 0
        megabytesPerSecond = recordsPerSecond * Double(settings.recordBytes) / 1e6
        latencyMilliseconds = SourceReport.Latency(latency)
        processorsBusy = seconds > 0 ? processor.inSeconds / seconds : 0
    }
}

/// What a performance test measured, step by step.
package struct PerformanceReport: Codable, Equatable, Sendable {
    /// Why steps were left out.
    package enum Stop: String, Codable, Sendable {
        case told
        case timeLimit
    }

    package let bootstrap: [String]
    package let topic: String
    package let partitions: Int
    package let elapsedSeconds: Double
    /// Steps that were not measured.
    package let stepsLeftOut: Int
    /// Why; not there where all were measured.
    package let stop: Stop?
    /// Why the test's own topic is still there; not there where it is not.
    package private(set) var topicLeft: String?
    /// Where the rate stops to grow with the number of producers, in a sentence.
    package let knee: String
    /// In the order they were made.
    package let steps: [PerformanceMeasurement]

    package init(
        bootstrap: [String],
        topic: String,
        partitions: Int,
        elapsed: Duration,
        stepsLeftOut: Int,
        stop: Stop?,
        measurements: [PerformanceMeasurement]
    ) {
        self.bootstrap = bootstrap
        self.topic = topic
        self.partitions = partitions
        elapsedSeconds = elapsed.inSeconds
        self.stepsLeftOut = stepsLeftOut
        self.stop = stop
        knee = PerformanceKnee(measurements).sentence
        steps = measurements
    }

    /// The same test, whose topic could not be removed.
    func leaving(_ reason: String) -> PerformanceReport {
        var report = self
        report.topicLeft = reason
        return report
    }

    /// What has to be said beside the figures, in sentences.
    package var notices: [String] {
        var notices: [String] = []
        let left = NumberText.count(stepsLeftOut, "step")
        switch stop {
        case .told: notices.append("The test was stopped: \(left) not measured.")
        case .timeLimit: notices.append("The time limit was reached: \(left) not measured.")
        case nil: break
        }
        let failures = steps.compactMap(\.failure)
        if let first = failures.first {
            notices.append("\(NumberText.count(failures.count, "step")) failed; the first: \(first)")
        }
        if let topicLeft {
            notices.append(
                "The topic '\(topic)' is still there: \(topicLeft); remove it with "
                    + "`hera topics delete \(topic) --bootstrap \(bootstrap.joined(separator: ","))`"
            )
        }
        return notices
    }

    /// Whether a step could not be measured.
    package var hasFailures: Bool { steps.contains { $0.failure != nil } }
}

extension PerformanceReport {
    /// The heads of the table's columns: settings, then figures.
    package static let columns = settingColumns + figureColumns
    package static let settingColumns = ["producers", "bytes", "acks", "compression", "batch", "linger ms"]
    package static let figureColumns = ["records/s", "MB/s", "p50 ms", "p99 ms", "p99.9 ms", "CPUs"]

    /// The table's rows, as people read them.
    package var rows: [[String]] {
        steps.map { step in
            let settings = step.settings
            let latency = step.latencyMilliseconds
            let figures: [Double?] = [latency?.p50, latency?.p99, latency?.p999]
            return [
                NumberText.whole(settings.producers), NumberText.whole(settings.recordBytes), settings.acks,
                settings.compression, NumberText.whole(settings.batchBytes), "\(settings.lingerMilliseconds)",
            ]
                + (step.failure == nil
                    ? [
                        NumberText.whole(Int(step.recordsPerSecond.rounded())),
                        NumberText.decimal(step.megabytesPerSecond, decimals: 1),
                    ] + figures.map { $0.map { NumberText.decimal($0, decimals: 2) } ?? "–" } + [
                        NumberText.decimal(step.processorsBusy, decimals: 2)
                    ] : ["failed", "–", "–", "–", "–", "–"])
        }
    }

    /// The table and what is to be said of it, for a terminal.
    package var text: String {
        guard !steps.isEmpty else { return ([knee] + notices).joined(separator: "\n") }
        let table = TextTable(Self.columns, rows, rightAligned: .columns(0..<Self.columns.count))
        return (table.lines + ["", knee] + notices).joined(separator: "\n")
    }
}

extension SourceReport.Latency {
    /// `nil` where nothing was acknowledged.
    init?(_ latency: AcknowledgementLatency) {
        guard let p50 = latency.percentile(50), let p99 = latency.percentile(99), let p999 = latency.percentile(99.9)
        else { return nil }
        self.init(p50: p50.inSeconds * 1_000, p99: p99.inSeconds * 1_000, p999: p999.inSeconds * 1_000)
    }
}
