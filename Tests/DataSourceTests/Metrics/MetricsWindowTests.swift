import KafkaClient
import Testing

@testable import DataSource

/// Rows of metrics from statistics.
@Suite struct MetricsWindowTests {
    private func statistics(_ second: Int64, age: Int64, _ change: (inout ProducerStatistics) -> Void = { _ in })
        -> ProducerStatistics
    {
        var statistics = ProducerStatistics(time: second * 1_000_000, age: age * 1_000_000)
        change(&statistics)
        return statistics
    }

    private func next(_ window: inout MetricsWindow) throws -> MetricsRow {
        let row = window.takeRow()
        return try #require(row)
    }

    @Test func nothingIsNoRow() {
        var window = MetricsWindow()
        var rows = [window.takeRow()]
        window.add(statistics(5, age: 1), of: 0)
        rows += [window.takeRow(), window.takeRow()]
        #expect(rows.map { $0 == nil } == [true, false, true])
    }

    @Test func firstRowCountsFromTheProducersBeginning() throws {
        var window = MetricsWindow()
        window.add(
            statistics(100, age: 4) {
                $0.totals.requests = 8
                $0.totals.requestBytes = 800
                $0.totals.responses = 6
                $0.totals.responseBytes = 60
                $0.totals.connects = 2
                $0.totals.disconnects = 1
                $0.totals.polls = 40
                $0.totals.records = 400
                $0.totals.recordBytes = 60_000
                $0.totals.failedRecords = 2
                $0.connections = 2
                $0.requestsInFlight = 3
                $0.metadataAge = 1_500
                $0.roundTrip = .init(count: 4, sum: 10_000, max: 4_000)
                $0.queueing = .init(count: 2, sum: 5_000, max: 3_000)
                $0.throttling = .init(count: 2, sum: 30, max: 20)
                $0.batchBytes = .init(count: 4, sum: 64_000, max: 20_000)
                $0.batchRecords = .init(count: 4, sum: 400, max: 150)
            },
            of: 0
        )
        let row = try next(&window)
        let expected: [(MetricsColumn, Double)] = [
            (.connectionCloseRate, 0.25), (.connectionCreationRate, 0.5), (.selectRate, 10), (.connectionCount, 2),
            (.networkIORate, 3.5), (.outgoingByteRate, 200), (.requestRate, 2), (.requestSizeAverage, 100),
            (.incomingByteRate, 15), (.responseRate, 1.5), (.requestLatencyAverage, 2.5), (.requestLatencyMax, 4),
            (.batchSizeAverage, 16_000), (.batchSizeMax, 20_000), (.recordQueueTimeAverage, 2.5),
            (.recordQueueTimeMax, 3), (.produceThrottleTimeAverage, 15), (.produceThrottleTimeMax, 20),
            (.recordSendRate, 100), (.recordsPerRequestAverage, 100), (.byteRate, 16_000), (.recordErrorRate, 0.5),
            (.recordSizeAverage, 150), (.requestsInFlight, 3), (.metadataAge, 1.5),
        ]
        #expect(row.filled.map(\.column) == expected.map(\.0))
        for (column, value) in expected { #expect(row[column] == value, "\(column.rawValue)") }
    }

    @Test func nextRowCountsFromTheRowBefore() throws {
        var window = MetricsWindow()
        window.add(statistics(100, age: 10) { $0.totals.records = 500 }, of: 0)
        let row = try next(&window)
        #expect(row[.recordSendRate] == 50)
        window.add(statistics(101, age: 11) { $0.totals.records = 600 }, of: 0)
        window.add(statistics(102, age: 12) { $0.totals.records = 900 }, of: 0)
        #expect(window.row?[.recordSendRate] == 200, "looking changes nothing")
        let second = try next(&window)
        #expect(second[.recordSendRate] == 200)
    }

    @Test func samplesBetweenTwoRowsAddUp() throws {
        var window = MetricsWindow()
        window.add(statistics(1, age: 1) { $0.roundTrip = .init(count: 1, sum: 9_000, max: 9_000) }, of: 0)
        window.add(statistics(2, age: 2) { $0.roundTrip = .init(count: 2, sum: 3_000, max: 2_000) }, of: 0)
        let row = try next(&window)
        #expect(row[.requestLatencyAverage] == 4)
        #expect(row[.requestLatencyMax] == 9)
        window.add(statistics(3, age: 3), of: 0)
        let second = try next(&window)
        #expect(second[.requestLatencyMax] == nil, "no sample, no figure")
    }

    @Test func producersAddUp() throws {
        var window = MetricsWindow()
        window.add(
            statistics(10, age: 2) {
                $0.totals.records = 200
                $0.connections = 1
                $0.metadataAge = 100
            },
            of: 0
        )
        window.add(
            statistics(99, age: 4) {
                $0.totals.records = 800
                $0.connections = 2
                $0.metadataAge = 3_000
            },
            of: 1
        )
        let row = try next(&window)
        #expect(row[.recordSendRate] == 300)
        #expect(row[.connectionCount] == 3)
        #expect(row[.metadataAge] == 3)
    }

    /// The statistics forget a broker with all that it had counted.
    @Test func countThatShrinksIsNoNegativeRate() throws {
        var window = MetricsWindow()
        window.add(statistics(1, age: 1) { $0.totals.connects = 5 }, of: 0)
        _ = window.takeRow()
        window.add(statistics(2, age: 2) { $0.totals.connects = 1 }, of: 0)
        let row = try next(&window)
        #expect(row[.connectionCreationRate] == 0)
    }
}
