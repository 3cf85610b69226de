import Logging
import PipelineTesting
import Testing

@testable import KafkaClient

/// librdkafka's statistics, as text and from a producer.
@Suite(.timeLimit(.minutes(15))) struct ProducerStatisticsTests {
    private static func window(_ count: Int, _ sum: Int, _ max: Int) -> String {
        #"{ "min":0, "max":\#(max), "avg":0, "sum":\#(sum), "stddev": 0, "p50": 0, "outofrange": 0, "cnt":\#(count) }"#
    }

    private static func broker(_ name: String, state: String, _ window: String) -> String {
        """
        "\(name)": { "name":"\(name)", "nodeid":1, "state":"\(state)", "waitresp_cnt":2, "tx":7, "wakeups":40,
        "connects":3, "disconnects":1, "int_latency": \(window), "rtt": \(window), "throttle": \(window),
        "req": { "Produce": 5 }, "toppars":{ } }
        """
    }

    /// The fields that librdkafka 2.0.2 writes, those that are used and some others.
    private static let text = """
        { "name": "rdkafka#producer-1", "client_id": "hera", "ts":5016483227792, "time":1527060869, "age":2000000,
        "brokers":{ \(broker("a", state: "UP", window(2, 30, 20))), \(broker("b", state: "DOWN", window(0, 0, 0))) },
        "topics":{ "t": { "topic":"t", "age":9, "metadata_age":1500, "batchsize": \(window(3, 600, 300)),
        "batchcnt": \(window(3, 12, 6)), "partitions":{ "0": { "txmsgs": 12 } } } },
        "tx":14, "tx_bytes":1400, "rx":13, "rx_bytes":130, "txmsgs":12, "txmsg_bytes":1200 }
        """

    @Test func fieldsAreRead() throws {
        let statistics = try ProducerStatistics(json: Self.text, totals: DeliveryTotals())
        #expect(statistics.time == 5_016_483_227_792)
        #expect(statistics.age == 2_000_000)
        #expect(statistics.totals.requests == 14)
        #expect(statistics.totals.requestBytes == 1_400)
        #expect(statistics.totals.responses == 13)
        #expect(statistics.totals.responseBytes == 130)
        #expect(statistics.totals.records == 12)
        #expect(statistics.totals.recordBytes == 1_200)
        #expect(statistics.totals.connects == 6)
        #expect(statistics.totals.disconnects == 2)
        #expect(statistics.totals.polls == 80)
        #expect(statistics.connections == 1)
        #expect(statistics.requestsInFlight == 4)
        #expect(statistics.metadataAge == 1_500)
        let samples = ProducerStatistics.Samples(count: 2, sum: 30, max: 20)
        #expect([statistics.roundTrip, statistics.queueing, statistics.throttling] == [samples, samples, samples])
        #expect(statistics.batchBytes == .init(count: 3, sum: 600, max: 300))
        #expect(statistics.batchRecords == .init(count: 3, sum: 12, max: 6))
    }

    @Test(arguments: ["", "{}", "[1]", "{\"ts\": 1"])
    func otherTextIsRefused(_ text: String) {
        #expect(throws: (any Error).self) { try ProducerStatistics(json: text, totals: DeliveryTotals()) }
    }

    @Test func samplesAddUp() {
        var samples = ProducerStatistics.Samples()
        samples += .init(count: 0, sum: 0, max: 0)
        #expect(samples == .init())
        samples += .init(count: 1, sum: 5, max: 5)
        samples += .init(count: 2, sum: 4, max: 3)
        #expect(samples == .init(count: 3, sum: 9, max: 5))
    }

    @Test func producerTellsWhatItSentAndWhatFailed() async throws {
        let cluster = try MockCluster()
        try cluster.create("utenti")
        let told = AsyncStream<ProducerStatistics>.makeStream()
        var configuration = ProducerConfiguration(bootstrap: cluster.bootstrap)
        configuration.statistics = StatisticsReporting(every: .milliseconds(50)) { told.continuation.yield($0) }
        try await withProducer(configuration, logger: Logger(label: "test")) { producer in
            var batch = OutgoingBatch(topic: "utenti")
            for number in 0..<10 { batch.append(key: "\(number)".utf8, value: "123456789".utf8) }
            let report = try await producer.send(batch)
            #expect(report.isComplete)
            #expect(producer.totals.acknowledged == 10)
            for await statistics in told.stream where statistics.totals.records == 10 {
                #expect(statistics.totals.recordBytes == 100)
                #expect(statistics.totals.failedRecords == 0)
                #expect(statistics.connections > 0)
                #expect(statistics.totals.requests > 0)
                break
            }
            await #expect(throws: KafkaClientError.self) {
                try await producer.send(KafkaRecord(topic: "utenti", partition: 9, value: [1]))
            }
            #expect(producer.totals.failed == 1)
            for await statistics in told.stream where statistics.totals.failedRecords == 1 { break }
        }
    }

    @Test func propertyThatStatisticsNeedIsNotForOthers() throws {
        var configuration = ProducerConfiguration(
            bootstrap: ["127.0.0.1:1"],
            properties: ["statistics.interval.ms": "5"]
        )
        _ = try configuration.properties()
        configuration.statistics = StatisticsReporting(every: .seconds(1)) { _ in }
        #expect {
            try configuration.properties()
        } throws: { error in
            "\(error)".contains("'statistics.interval.ms': this client sets it itself")
        }
    }
}
