import ConnectAPI
import ConnectConverters
import ConnectTransforms
import KafkaTopics
import PipelineTesting
import Testing

@Suite struct ReplaceFieldTests {
    private func records(_ values: [String?], key: String? = nil) -> SinkRecords {
        var records = SinkRecords.batch(values.map { $0.map { Array($0.utf8) } }, key: key)
        records.coders = .init(key: JSONCoder(), value: JSONCoder(), header: SimpleHeaderConverter().coder)
        return records
    }

    private func apply(_ settings: [String: String], to records: inout SinkRecords, part: String = "Value") throws
        -> [RecordFailure]
    {
        let name = "org.apache.kafka.connect.transforms.ReplaceField$\(part)"
        let plugin = try #require(ConnectTransforms.transforms.first { $0.classNames.contains(name) })
        return try plugin.make(settings).apply(to: &records, .all)
    }

    @Test(
        arguments: [
            (["exclude": "a, c"], "{\"b\":2.50,\"d\":{\"a\":1}}"),
            (["include": "b,d"], "{\"b\":2.50,\"d\":{\"a\":1}}"),
            (["include": "a,b", "exclude": "a"], "{\"b\":2.50}"),
            (["renames": "a:z,b:y"], "{\"z\":1,\"y\":2.50,\"c\":null,\"d\":{\"a\":1}}"),
            (["include": "a", "renames": "a:z"], "{\"z\":1}"),
            (["exclude": "nothing"], "{\"a\": 1, \"b\": 2.50, \"c\": null, \"d\": {\"a\":1}}"),
            ([:], "{\"a\": 1, \"b\": 2.50, \"c\": null, \"d\": {\"a\":1}}"),
            (["include": "nothing"], "{}"),
        ] as [([String: String], String)]
    )
    func fieldsAreLeftOutAndRenamed(settings: [String: String], line: String) throws {
        var records = records(["{\"a\": 1, \"b\": 2.50, \"c\": null, \"d\": {\"a\":1}}"])
        #expect(try apply(settings, to: &records).isEmpty)
        #expect(records.value(at: 0).map { String(decoding: $0, as: UTF8.self) } == line)
    }

    @Test func keyIsChangedByTheTransformOfKeys() throws {
        var records = records(["{\"a\":1}"], key: "{\"a\":1,\"b\":2}")
        #expect(try apply(["exclude": "a"], to: &records, part: "Key").isEmpty)
        #expect(records.key(at: 0) == Array("{\"b\":2}".utf8))
        #expect(records.value(at: 0) == Array("{\"a\":1}".utf8))
    }

    @Test func nullStaysAndOtherValuesFail() throws {
        var records = records([nil, "[1]", "{\"a\":1}", "5"])
        let failures = try apply(["exclude": "a"], to: &records)
        #expect(failures.map(\.index) == [1, 3])
        #expect(failures[0].message == "ReplaceField needs an object, and the value is an array")
        #expect(records.value(at: 2) == Array("{}".utf8))
    }

    @Test(arguments: ["a", "a:", ":b", "a:b:c", "a:b,c"])
    func renamesArePairs(renames: String) throws {
        let plugin = try #require(ReplaceField.plugins.first)
        let error = try #require(throws: ConfigurationError.self) { try plugin.make(["renames": renames]) }
        #expect(error.description.contains("two names with a colon"))
    }
}
