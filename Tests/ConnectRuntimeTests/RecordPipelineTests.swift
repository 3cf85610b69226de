import ConnectAPI
import ConnectConverters
import ConnectRuntime
import ConnectTransforms
import KafkaTopics
import PipelineTesting
import Testing

@Suite struct RecordPipelineTests {
    @Test func badRecordsAreSetAsideWithTheirPlace() throws {
        var records = SinkRecords.batch(["{}", "nonsense", nil, "{\"a\":1}", "[}"], firstOffset: 100)
        let pipeline = try pipeline(.all)
        let letters = try pipeline.process(&records)
        #expect(records.offsets == [100, 103])
        #expect(records.explainsEveryOffset)
        let counts = records.skippedCounts(in: 100..<105)
        #expect(counts.deadLettered == 2)
        #expect(counts.filtered == 1)
        #expect(letters.map(\.offset) == [101, 104])
        #expect(letters.map(\.value) == [Array("nonsense".utf8), Array("[}".utf8)])
        #expect(letters.allSatisfy { $0.stage == .valueConverter })
    }

    @Test func withoutToleranceTheFirstBadRecordIsAPermanentError() throws {
        var records = SinkRecords.batch(["{}", "nonsense"], firstOffset: 7)
        let pipeline = try pipeline(.none)
        let error = try #require(throws: SinkTaskError.self) { try pipeline.process(&records) }
        #expect(error.code == .permanent)
        #expect(error.partitions == [records.partition])
        #expect(error.message.contains("offset 8"))
        #expect(!error.message.contains("nonsense"))
    }

    @Test func recordOnWhichATransformFailsIsSetAsideToo() throws {
        let converter = try #require(JSONConverter())
        let pipeline = RecordPipeline(
            converter: converter,
            transforms: TransformationChain([.init(FailsOnOddOffsets()), .init(Filter(), where: RecordIsTombstone())]),
            tolerance: .all
        )
        var records = SinkRecords.batch(["{}", "{}", nil, "{}"])
        let letters = try pipeline.process(&records)
        #expect(letters.map(\.offset) == [1, 3])
        #expect(letters.map(\.stage) == [.transformation, .transformation])
        #expect(records.offsets == [0])
        #expect(records.explainsEveryOffset)
    }

    @Test func transformedRecordThatFailsIsSetAsideAsItCame() throws {
        let pipeline = RecordPipeline(
            converter: try #require(JSONConverter()),
            transforms: TransformationChain([
                .init(ReplaceField(.value, exclude: ["a"])), .init(FailsOnOddOffsets()),
            ]),
            tolerance: .all
        )
        var records = SinkRecords.batch(["{\"a\":1}", "{\n\"a\":2}\n", "[]"])
        let before = (1...3).map { records.fingerprint(ofLastRecordBefore: $0) }
        let letters = try pipeline.process(&records)
        #expect(letters.map(\.offset) == [2, 1])
        #expect(letters.map(\.value) == [Array("[]".utf8), Array("{\n\"a\":2}\n".utf8)])
        #expect(records.value(at: 0) == Array("{}".utf8))
        #expect((1...3).map { records.fingerprint(ofLastRecordBefore: $0) } == before)
    }

    @Test(arguments: [false, true])
    func topicIsChangedOnlyForASinkThatFilesIt(filesOtherTopics: Bool) throws {
        let pipeline = RecordPipeline(
            converter: try #require(JSONConverter()),
            transforms: TransformationChain([.init(try RegexRouter(regex: ".*", replacement: "premi"))]),
            tolerance: .all,
            filesOtherTopics: filesOtherTopics
        )
        var records = SinkRecords.batch(["{}"])
        if filesOtherTopics {
            #expect(try pipeline.process(&records).isEmpty)
            #expect(records.topic(at: 0) == "premi")
        } else {
            let error = try #require(throws: SinkTaskError.self) { try pipeline.process(&records) }
            #expect(error.message.contains("'premi'"))
        }
    }

    @Test func transformsOfTheConfigurationAreBuiltWithTheirSettings() throws {
        let configuration = [
            "name": "recorder", "connector.class": "RecordingConnector", "topics": "utenti",
            "transforms": "mask,drop",
            "transforms.mask.type": "org.apache.kafka.connect.transforms.ReplaceField$Value",
            "transforms.mask.exclude": "secret",
            "transforms.mask.predicate": "marked",
            "transforms.mask.negate": "true",
            "transforms.drop.type": "Filter",
            "transforms.drop.predicate": "marked",
            "predicates": "marked",
            "predicates.marked.type": "HasHeaderKey",
            "predicates.marked.name": "dirty",
        ]
        let runner = try runner(configuration)
        let value = Array("{\"secret\":1,\"open\":2}".utf8)
        var clean = SinkRecords.batch([value])
        _ = try runner.makePipeline().process(&clean)
        #expect(clean.value(at: 0) == Array("{\"open\":2}".utf8))
        var dirty = SinkRecords.batch([value], headers: [RecordHeader(name: "dirty", value: nil)])
        _ = try runner.makePipeline().process(&dirty)
        #expect(dirty.isEmpty)
    }

    @Test(
        arguments: [
            (
                ["transforms.t.type": "RegexRouter", "transforms.t.regex": "a", "transforms.t.replacement": "b"],
                "other topics"
            ),
            (
                ["transforms.t.type": "RegexRouter", "transforms.t.regex": "("],
                "transforms.t.regex: '(' is not a regular"
            ),
            (["transforms.t.type": "RegexRouter", "transforms.t.regex": "a"], "transforms.t.replacement: is missing"),
            (["transforms.t.type": "Filter", "transforms.t.exclude": "a"], "transforms.t.exclude: is not a setting"),
            (
                ["transforms.t.type": "ReplaceField$Value", "transforms.t.exlude": "a"],
                "did you mean 'transforms.t.exclude'?"
            ),
            (["transforms.t.type": "ReplaceField"], "is not one of"),
        ] as [([String: String], String)]
    )
    func mistakesInTransformsAreNamed(settings: [String: String], words: String) throws {
        let base = [
            "name": "recorder", "connector.class": "RecordingConnector", "topics": "utenti", "transforms": "t",
        ]
        let error = try #require(throws: ConfigurationError.self) {
            try runner(base.merging(settings) { $1 })
        }
        #expect(error.description.contains(words), "\(error)")
    }

    private func runner(_ configuration: [String: String]) throws -> SinkTaskRunnerConfiguration {
        try SinkTaskRunnerConfiguration(
            configuration,
            connector: RecordingConnector(store: RecordingStore()),
            plugins: .builtIn,
            bootstrap: []
        ) {
            Moment(wall: .unknown, monotonic: MonotonicTime(milliseconds: 0))
        }
    }

    @Test func deadLetterTellsItsStoryInConnectsHeaders() throws {
        var records = SinkRecords.batch(["nonsense"], firstOffset: 42)
        let letter = try #require(try pipeline(.all).process(&records).first)
        var headers: [String: String] = [:]
        for header in letter.headers(connector: "hdfs3-sink", task: 1) {
            headers[header.name] = header.value.map { String(decoding: $0, as: UTF8.self) }
        }
        #expect(headers["__connect.errors.topic"] == "utenti")
        #expect(headers["__connect.errors.partition"] == "0")
        #expect(headers["__connect.errors.offset"] == "42")
        #expect(headers["__connect.errors.connector.name"] == "hdfs3-sink")
        #expect(headers["__connect.errors.task.id"] == "1")
        #expect(headers["__connect.errors.stage"] == "VALUE_CONVERTER")
        #expect(headers["__connect.errors.exception.message"] == "the value is not valid JSON")
    }

    private func pipeline(_ tolerance: ErrorTolerance) throws -> RecordPipeline {
        RecordPipeline(
            converter: try #require(JSONConverter()),
            transforms: TransformationChain([.init(Filter(), where: RecordIsTombstone())]),
            tolerance: tolerance
        )
    }

    private struct FailsOnOddOffsets: Transform {
        func apply(to records: inout SinkRecords, _ selection: RecordSelection) -> [RecordFailure] {
            records.offsets.enumerated().filter { $0.element % 2 == 1 }.map {
                RecordFailure(index: $0.offset, message: "odd")
            }
        }
    }
}
