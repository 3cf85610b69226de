import Community
import Files
import Foundation
import GroundTruth
import KafkaClient
import Logging
import PipelineTesting
import SystemPackage
import Testing

@testable import DataSource

/// Metrics of whole runs, against librdkafka's mock cluster.
@Suite(.timeLimit(.minutes(15))) struct MetricsRecorderTests {
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func run(_ kafka: MockCluster, _ metrics: MetricsRecorder) async -> SourceResult {
        var configuration = DataSourceConfiguration(
            community: CommunityConfiguration(seed: 5, initialSize: 100),
            producer: ProducerConfiguration(bootstrap: kafka.bootstrap),
            startedAtMilliseconds: 0
        )
        configuration.furtherRecords = 400
        configuration.metrics = metrics
        return await DataSource(configuration, clock: ContinuousClock(), logger: logger).run()
    }

    /// A run is over long before the first interval: its end has a row all the same, which counts all that was sent.
    @Test func endOfARunHasARow() async throws {
        try await withTemporaryDirectory { directory in
            let kafka = try MockCluster()
            for topic in CommunityTopic.allCases { try kafka.create(topic.name, partitions: 2) }
            let path = directory.appending("metrics.csv").string
            let recorder = try MetricsRecorder(path: path, interval: .seconds(3_600))
            let result = await run(kafka, recorder)
            #expect(result.failure == nil)
            let lines = try String(contentsOfFile: path, encoding: .utf8).split(whereSeparator: \.isNewline)
            #expect(lines.count == 2)
            let cells = lines[1].split(separator: ",", omittingEmptySubsequences: false)
            try #require(cells.count == MetricsColumn.allCases.count)
            let row = try #require(recorder.row)
            for (column, cell) in zip(MetricsColumn.allCases, cells) {
                #expect(cell.isEmpty == (row[column] == nil), "\(column.rawValue)")
            }
            #expect(try #require(row[.recordSendRate]) > 0)
            #expect(try #require(row[.recordSizeAverage]) > 50)
            #expect(row[.recordErrorRate] == 0)
        }
    }

    @Test func rowThatCannotBeWrittenFailsTheRunThatSentEverything() async throws {
        let kafka = try MockCluster()
        for topic in CommunityTopic.allCases { try kafka.create(topic.name, partitions: 2) }
        try await withTemporaryDirectory { directory in
            let path = directory.appending("metrics.csv").string
            let recorder = try MetricsRecorder(path: path, interval: .seconds(3_600), disk: Disk(calls: failing()))
            let result = await run(kafka, recorder)
            #expect(result.failure?.code == .metrics)
            #expect(result.truth.acknowledgedCount == 1_000)
        }
    }

    /// A disk with room for the header alone.
    private func failing() -> DiskCalls {
        var calls = DiskCalls.system
        calls.write = { descriptor, head, body, position throws(Errno) in
            if position > 0 { throw .noSpace }
            return try DiskCalls.system.write(descriptor, head, body, position)
        }
        return calls
    }

    @Test(arguments: [Duration.zero, .milliseconds(99), .seconds(86_401)])
    func intervalThatCannotBeIsSaid(_ interval: Duration) {
        #expect {
            try MetricsRecorder(path: nil, interval: interval)
        } throws: { error in
            "\(error)".contains("the interval of its metrics is")
        }
    }
}
