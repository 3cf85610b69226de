import KafkaClient

/// The figures that the original source wrote down, by its names and in its order: those of kafka-python's producer.
///
/// `docs/DATA.md` tells which statistic of librdkafka fills each, and why some have none.
package enum MetricsColumn: String, CaseIterable, Sendable {
    case connectionCloseRate = "connection-close-rate"
    case connectionCreationRate = "connection-creation-rate"
    case selectRate = "select-rate"
    case ioWaitTimeAverage = "io-wait-time-ns-avg"
    case ioWaitRatio = "io-wait-ratio"
    case ioTimeAverage = "io-time-ns-avg"
    case ioRatio = "io-ratio"
    case connectionCount = "connection-count"
    case networkIORate = "network-io-rate"
    case outgoingByteRate = "outgoing-byte-rate"
    case requestRate = "request-rate"
    case requestSizeAverage = "request-size-avg"
    case requestSizeMax = "request-size-max"
    case incomingByteRate = "incoming-byte-rate"
    case responseRate = "response-rate"
    case requestLatencyAverage = "request-latency-avg"
    case requestLatencyMax = "request-latency-max"
    case bufferpoolWaitRatio = "bufferpool-wait-ratio"
    case batchSizeAverage = "batch-size-avg"
    case batchSizeMax = "batch-size-max"
    case compressionRateAverage = "compression-rate-avg"
    case recordQueueTimeAverage = "record-queue-time-avg"
    case recordQueueTimeMax = "record-queue-time-max"
    case produceThrottleTimeAverage = "produce-throttle-time-avg"
    case produceThrottleTimeMax = "produce-throttle-time-max"
    case recordSendRate = "record-send-rate"
    case recordsPerRequestAverage = "records-per-request-avg"
    case byteRate = "byte-rate"
    case recordRetryRate = "record-retry-rate"
    case recordErrorRate = "record-error-rate"
    case recordSizeMax = "record-size-max"
    case recordSizeAverage = "record-size-avg"
    case requestsInFlight = "requests-in-flight"
    case metadataAge = "metadata-age"
}

/// One row of these figures. A column without a value has none that means the same.
package struct MetricsRow: Equatable, Sendable {
    private var values: [MetricsColumn: Double] = [:]

    package init() {}

    package subscript(column: MetricsColumn) -> Double? {
        get { values[column] }
        set { values[column] = newValue.flatMap { $0.isFinite ? $0 : nil } }
    }

    /// The columns that have a value, in order.
    package var filled: [(column: MetricsColumn, value: Double)] {
        MetricsColumn.allCases.compactMap { column in values[column].map { (column, $0) } }
    }
}

/// Adds up the statistics of several producers from one row to the next. Pure: statistics carry their own time.
struct MetricsWindow: Sendable {
    /// What one producer said since the row before.
    private struct Member: Sendable {
        let begin: ProducerStatistics
        var latest: ProducerStatistics

        /// Its time, in seconds.
        var seconds: Double { Double(latest.time - begin.time) / 1_000_000 }

        /// How much a count has grown; 0 where a broker went away, with what it had counted.
        func growth(_ count: (ProducerStatistics.Totals) -> Int) -> Int {
            max(0, count(latest.totals) - count(begin.totals))
        }
    }

    private var members: [Int: Member] = [:]
    /// Of the row before, by producer.
    private var ends: [Int: ProducerStatistics] = [:]
    private var roundTrip = ProducerStatistics.Samples()
    private var queueing = ProducerStatistics.Samples()
    private var throttling = ProducerStatistics.Samples()
    private var batchBytes = ProducerStatistics.Samples()
    private var batchRecords = ProducerStatistics.Samples()

    /// Takes what a producer said.
    mutating func add(_ statistics: ProducerStatistics, of producer: Int) {
        let beginning = ProducerStatistics(time: statistics.time - statistics.age, age: 0)
        let begin = members[producer]?.begin ?? ends[producer] ?? beginning
        members[producer] = Member(begin: begin, latest: statistics)
        roundTrip += statistics.roundTrip
        queueing += statistics.queueing
        throttling += statistics.throttling
        batchBytes += statistics.batchBytes
        batchRecords += statistics.batchRecords
    }

    /// The row of what was added since the row before, and the beginning of the next one; `nil` where nothing was.
    mutating func takeRow() -> MetricsRow? {
        guard let row else { return nil }
        var next = MetricsWindow()
        next.ends = members.mapValues(\.latest).merging(ends) { latest, _ in latest }
        self = next
        return row
    }

    /// The row of what was added since the row before; `nil` where nothing was.
    var row: MetricsRow? {
        let members = members.values.filter { $0.seconds > 0 }
        guard !members.isEmpty else { return nil }
        /// The rates of all producers together; each has its own time.
        func rate(_ count: (ProducerStatistics.Totals) -> Int) -> Double {
            members.reduce(0) { $0 + Double($1.growth(count)) / $1.seconds }
        }
        func growth(_ count: (ProducerStatistics.Totals) -> Int) -> Int {
            members.reduce(0) { $0 + $1.growth(count) }
        }
        func sum(_ value: (ProducerStatistics) -> Int) -> Double { Double(members.reduce(0) { $0 + value($1.latest) }) }
        var row = MetricsRow()
        row[.connectionCloseRate] = rate(\.disconnects)
        row[.connectionCreationRate] = rate(\.connects)
        row[.selectRate] = rate(\.polls)
        row[.connectionCount] = sum(\.connections)
        row[.networkIORate] = rate(\.requests) + rate(\.responses)
        row[.outgoingByteRate] = rate(\.requestBytes)
        row[.requestRate] = rate(\.requests)
        row[.requestSizeAverage] = Self.average(growth(\.requestBytes), growth(\.requests))
        row[.incomingByteRate] = rate(\.responseBytes)
        row[.responseRate] = rate(\.responses)
        row[.recordSendRate] = rate(\.records)
        row[.recordErrorRate] = rate(\.failedRecords)
        row[.recordSizeAverage] = Self.average(growth(\.recordBytes), growth(\.records))
        row[.requestsInFlight] = sum(\.requestsInFlight)
        row[.metadataAge] = members.compactMap(\.latest.metadataAge).max().map { Double($0) / 1_000 }
        let time = members.map(\.seconds).max() ?? 0
        row[.byteRate] = Double(batchBytes.sum) / time
        setSamples(in: &row)
        return row
    }

    private func setSamples(in row: inout MetricsRow) {
        row[.requestLatencyAverage] = Self.average(roundTrip.sum, roundTrip.count).map { $0 / 1_000 }
        row[.requestLatencyMax] = Self.greatest(roundTrip).map { $0 / 1_000 }
        row[.recordQueueTimeAverage] = Self.average(queueing.sum, queueing.count).map { $0 / 1_000 }
        row[.recordQueueTimeMax] = Self.greatest(queueing).map { $0 / 1_000 }
        row[.produceThrottleTimeAverage] = Self.average(throttling.sum, throttling.count)
        row[.produceThrottleTimeMax] = Self.greatest(throttling)
        row[.batchSizeAverage] = Self.average(batchBytes.sum, batchBytes.count)
        row[.batchSizeMax] = Self.greatest(batchBytes)
        row[.recordsPerRequestAverage] = Self.average(batchRecords.sum, batchRecords.count)
    }

    private static func average(_ sum: Int, _ count: Int) -> Double? {
        count > 0 ? Double(sum) / Double(count) : nil
    }

    private static func greatest(_ samples: ProducerStatistics.Samples) -> Double? {
        samples.count > 0 ? Double(samples.max) : nil
    }
}
