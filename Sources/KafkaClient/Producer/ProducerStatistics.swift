import Foundation

/// What librdkafka has counted for one producer, at one moment.
///
/// Totals count since the producer was made. Samples are those since the statistics before, which librdkafka forgets
/// when it tells them: whoever wants a longer time adds them up.
package struct ProducerStatistics: Hashable, Sendable {
    /// Measurements that were taken one by one, reduced to what can be added.
    package struct Samples: Hashable, Sendable {
        package private(set) var count = 0
        package private(set) var sum = 0
        /// 0 where there are none.
        package private(set) var max = 0

        package init() {}

        package init(count: Int, sum: Int, max: Int) {
            self.count = count
            self.sum = sum
            self.max = max
        }

        package static func += (left: inout Samples, right: Samples) {
            guard right.count > 0 else { return }
            left.max = left.count > 0 ? Swift.max(left.max, right.max) : right.max
            left.count += right.count
            left.sum += right.sum
        }
    }

    /// Counts since the producer was made.
    package struct Totals: Hashable, Sendable {
        /// Requests to brokers, of any kind, and their bytes.
        package var requests = 0
        package var requestBytes = 0
        /// Answers of brokers, and their bytes.
        package var responses = 0
        package var responseBytes = 0
        /// Attempts to connect, those that failed included.
        package var connects = 0
        /// Connections that were up and ended.
        package var disconnects = 0
        /// How often the threads that serve the connections looked for work.
        package var polls = 0
        /// Records in batches that were sent, once more for each time that they were batched again; the bytes of their
        /// keys and values.
        package var records = 0
        package var recordBytes = 0
        /// Records that failed for good.
        package var failedRecords = 0

        package init() {}
    }

    /// Microseconds on a monotonic clock.
    package var time: Int64
    /// Microseconds since the producer was made.
    package var age: Int64
    package var totals = Totals()
    /// Connections that are up.
    package var connections = 0
    /// Requests whose answer has not come.
    package var requestsInFlight = 0
    /// The age of the oldest metadata of a topic, in milliseconds; `nil` before there is any.
    package var metadataAge: Int?
    /// Microseconds from a request to its answer.
    package var roundTrip = Samples()
    /// Microseconds that records waited for their batch.
    package var queueing = Samples()
    /// Milliseconds that brokers asked the producer to wait, one sample for each answer that tells it.
    package var throttling = Samples()
    /// Bytes of batches as they were sent.
    package var batchBytes = Samples()
    /// Records of batches.
    package var batchRecords = Samples()

    package init(time: Int64, age: Int64) {
        self.time = time
        self.age = age
    }
}

/// Who is told a producer's statistics.
package struct StatisticsReporting: Sendable {
    /// How often librdkafka makes them, to the millisecond.
    package let interval: Duration
    /// Called on the task that runs the producer: it must not wait.
    package let report: @Sendable (ProducerStatistics) -> Void

    package init(every interval: Duration, report: @escaping @Sendable (ProducerStatistics) -> Void) {
        self.interval = interval
        self.report = report
    }
}

extension ProducerStatistics {
    /// Reads the JSON text that librdkafka makes; its `STATISTICS.md` tells the fields.
    ///
    /// - Parameter totals: what the producer itself counted.
    /// - Throws: `DecodingError`, where a field is missing or of another type.
    init(json: String, totals settled: DeliveryTotals) throws {
        let text = try JSONDecoder().decode(StatisticsText.self, from: Data(json.utf8))
        self.init(time: text.ts, age: text.age)
        totals.requests = text.tx
        totals.requestBytes = text.txBytes
        totals.responses = text.rx
        totals.responseBytes = text.rxBytes
        totals.records = text.records
        totals.recordBytes = text.recordBytes
        totals.failedRecords = settled.failed
        for broker in text.brokers.values {
            totals.connects += broker.connects
            totals.disconnects += broker.disconnects
            totals.polls += broker.wakeups
            connections += broker.state == "UP" || broker.state == "UPDATE" ? 1 : 0
            requestsInFlight += broker.waitingForResponse
            roundTrip += broker.rtt.samples
            queueing += broker.queueing.samples
            throttling += broker.throttle.samples
        }
        for topic in text.topics.values {
            batchBytes += topic.batchsize.samples
            batchRecords += topic.batchcnt.samples
            metadataAge = Swift.max(metadataAge ?? 0, topic.metadataAge)
        }
    }
}

/// The fields of librdkafka's statistics that are used, since version 1.9 at least.
private struct StatisticsText: Decodable {
    struct Window: Decodable {
        let cnt: Int
        let sum: Int
        let max: Int

        var samples: ProducerStatistics.Samples { .init(count: cnt, sum: sum, max: max) }
    }

    struct Broker: Decodable {
        let state: String
        let waitingForResponse: Int
        let wakeups: Int
        let connects: Int
        let disconnects: Int
        let queueing: Window
        let rtt: Window
        let throttle: Window

        enum CodingKeys: String, CodingKey {
            case state, wakeups, connects, disconnects, rtt, throttle
            case waitingForResponse = "waitresp_cnt"
            case queueing = "int_latency"
        }
    }

    struct Topic: Decodable {
        let metadataAge: Int
        let batchsize: Window
        let batchcnt: Window

        enum CodingKeys: String, CodingKey {
            case batchsize, batchcnt
            case metadataAge = "metadata_age"
        }
    }

    let ts: Int64
    let age: Int64
    let brokers: [String: Broker]
    let topics: [String: Topic]
    let tx: Int
    let txBytes: Int
    let rx: Int
    let rxBytes: Int
    let records: Int
    let recordBytes: Int

    enum CodingKeys: String, CodingKey {
        case ts, age, brokers, topics, tx, rx
        case txBytes = "tx_bytes"
        case rxBytes = "rx_bytes"
        case records = "txmsgs"
        case recordBytes = "txmsg_bytes"
    }
}
