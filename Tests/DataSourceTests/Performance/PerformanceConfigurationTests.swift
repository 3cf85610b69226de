import KafkaClient
import Testing

@testable import DataSource

/// What is measured, and what it is measured with.
@Suite struct PerformanceConfigurationTests {
    private func configuration(_ properties: [String: String] = [:]) -> PerformanceConfiguration {
        PerformanceConfiguration(
            client: ClientConfiguration(bootstrap: ["127.0.0.1:1"], properties: properties),
            startedAtMilliseconds: 7
        )
    }

    @Test func eachCombinationIsAStepAndProducersVaryFirst() {
        var configuration = configuration()
        configuration.producers = [1, 2]
        configuration.recordBytes = [10, 20]
        configuration.acknowledgements = [.all, .none]
        configuration.lingers = [.zero, .milliseconds(5), .seconds(1)]
        let steps = configuration.steps
        #expect(steps.count == 24)
        #expect(configuration.stepCount == 24)
        #expect(Set(steps).count == 24)
        #expect(steps.prefix(3).map(\.producers) == [1, 2, 1])
        #expect(steps.prefix(3).map(\.lingerMilliseconds) == [0, 0, 5])
        #expect(configuration.plannedTime == .seconds(144))
        #expect(configuration.problem == nil)
    }

    @Test func whatTakesTooLongIsSaidBeforeItBegins() {
        var configuration = configuration()
        configuration.producers = Array(1...11)
        configuration.timeLimit = .seconds(60)
        #expect(
            configuration.problem
                == "its 11 steps take 66s, and --time-limit is 1m; give fewer values, a shorter --duration, or more time"
        )
    }

    @Test func stepsAreBoundedHoweverLongTheListsAre() {
        var configuration = configuration()
        let many = Array(1...64)
        configuration.producers = many
        configuration.recordBytes = Array(repeating: 1, count: 1 << 20)
        configuration.batchBytes = Array(repeating: 1_000, count: 1 << 20)
        configuration.lingers = Array(repeating: .zero, count: 1 << 20)
        configuration.compressions = Array(repeating: "none", count: 1 << 20)
        #expect(configuration.stepCount == .max)
        #expect(configuration.problem?.hasPrefix("it has more than 500 steps") == true)
    }

    @Test(arguments: ["comportamenti", "__consumer_offsets"])
    func topicOfOthersIsRefused(_ topic: String) {
        var configuration = configuration()
        configuration.topic = topic
        #expect(configuration.problem?.contains("the topic '\(topic)' is") == true)
    }

    @Test(arguments: PerformanceConfiguration.varied.keys.sorted())
    func propertyThatAStepSetsIsRefused(_ name: String) {
        #expect(configuration([name: "1"]).problem?.contains("the property \(name) is set by the test itself") == true)
    }

    @Test func emptyListIsRefused() {
        var configuration = configuration()
        configuration.compressions = []
        #expect(configuration.problem == "there is nothing to measure; give each list one value at least")
    }

    @Test func stepSetsWhatItSays() {
        let step = PerformanceSettings(
            producers: 1,
            recordBytes: 2_000_000,
            acks: "1",
            compression: "lz4",
            batchBytes: 5_000,
            lingerMilliseconds: 20
        )
        let producer = step.producer(ClientConfiguration(bootstrap: ["x:1"], properties: ["batch.num.messages": "7"]))
        #expect(producer.acknowledgements == .leader)
        #expect(!producer.isIdempotent)
        #expect(producer.compression == "lz4")
        #expect(producer.linger == .milliseconds(20))
        #expect(producer.client.properties["batch.size"] == "5000")
        #expect(producer.client.properties["batch.num.messages"] == "7")
        #expect(producer.client.properties["message.max.bytes"] == "2001024")
    }

    @Test(arguments: [(1, 1_024, 1_024), (150, 1_024, 1_024), (100_000, 2, 2), (10_000_000, 1, 1)])
    func loadHasRecordsOfOneSize(bytes: Int, most: Int, least: Int) {
        let load = PerformanceLoad(topic: "t", recordBytes: bytes, seed: 1)
        #expect(!load.batches.isEmpty)
        for batch in load.batches {
            #expect((least...most).contains(batch.count))
            #expect(batch.byteCount == batch.count * bytes)
        }
        let all = load.batches.reduce(0) { $0 + $1.byteCount }
        #expect(all <= max(PerformanceLimits.loadBytes, bytes))
        let records = load.batches.reduce(0) { $0 + $1.count }
        #expect(records <= PerformanceLimits.loadRecordsMax)
        #expect(all >= PerformanceLimits.loadBytes / 2 || records >= PerformanceLimits.loadRecordsMax / 2)
    }

    @Test(arguments: [
        (Duration.zero, "0ms"), (.milliseconds(1_500), "1500ms"), (.seconds(5), "5s"), (.seconds(90), "90s"),
        (.seconds(300), "5m"), (.seconds(86_400), "24h"),
    ])
    func timesAreShownAsTheyAreGiven(time: Duration, text: String) {
        #expect(time.shortText == text)
        #expect(Duration(text: text) == time)
    }
}
