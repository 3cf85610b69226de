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

@Suite struct RegexRouterTests {
    @Test(arguments: [
        ("(.*)", "copy-$1", "copy-utenti"), ("ut(en)ti", "$1$1", "enen"), ("uten", "x", "utenti"),
        ("(?<name>uten)ti", "${name}_v2", "uten_v2"), ("utenti", "a\\.b", "a.b"), ("(u)(t)enti", "$2$1", "tu"),
        ("(u).*", "$10", "u0"), ("UTENTI", "x", "utenti"), ("(?i)UTENTI", "x", "x"), ("(x)?utenti", "a$1", "a"),
    ])
    func topicThatMatchesWhollyIsReplaced(regex: String, replacement: String, topic: String) throws {
        var records = SinkRecords.batch(["{}", "{}"])
        let router = try RegexRouter.plugin.make(["regex": regex, "replacement": replacement])
        #expect(router.apply(to: &records, .all).isEmpty)
        #expect(records.topic(at: 1) == topic)
        #expect(records.partition.topic == "utenti")
    }

    @Test func onlySelectedRecordsAreRouted() throws {
        var records = SinkRecords.batch(["{}", nil, "{}"])
        let router = try RegexRouter(regex: ".*", replacement: "premi")
        _ = router.apply(to: &records, RecordIsTombstone().selection(of: records))
        #expect((0..<3).map { records.topic(at: $0) } == ["utenti", "premi", "utenti"])
        let predicate = try TopicNameMatches.plugin.make(["pattern": "pre.*"])
        #expect(predicate.selection(of: records) == .some([1]))
        let part = try TopicNameMatches.plugin.make(["pattern": "pre"])
        #expect(part.selection(of: records).isEmpty)
    }

    @Test func illegalTopicIsAFailureOfTheRecord() throws {
        var records = SinkRecords.batch(["{}"])
        let failures = try RegexRouter(regex: "(.*)", replacement: "../$1").apply(to: &records, .all)
        #expect(failures.map(\.index) == [0])
        #expect(records.topic(at: 0) == "utenti")
    }

    @Test(arguments: [
        ("(", "x", "is not a regular expression"), ("a", "$1", "group 1, and regex has 0"),
        ("(a)", "$2", "group 2, and regex has 1"), ("a", "${n}", "which regex does not have"),
        ("a", "${n", "without a '}'"), ("a", "x$", "without a group"), ("a", "x\\", "ends with a backslash"),
        ("a", "", "is empty"),
    ])
    func mistakesAreNamed(regex: String, replacement: String, words: String) throws {
        let error = try #require(throws: ConfigurationError.self) {
            try RegexRouter.plugin.make(["regex": regex, "replacement": replacement])
        }
        #expect(error.description.contains(words), "\(error)")
    }
}
