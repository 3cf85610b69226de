import ConnectAPI
import ConnectTransforms
import KafkaTopics
import PipelineTesting
import Testing

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
