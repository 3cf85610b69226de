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
