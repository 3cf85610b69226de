import ConnectAPI
import ConnectConverters
import KafkaTopics
import PipelineTesting
import Testing

@Suite struct JSONConverterTests {
    @Test(arguments: [
        "{}",
        " {\"a\" : [1, 2.5e3, true, null]} ",
        "{\"prezzo(tk)\": 5, \"premio\": \"Buono Spesa 5\\u20ac\"}",
        "{\"premio\": \"Buono Spesa 5€\"}",
        "{\"n\": 123456789012345678901234567890}",
        "{\"n\": 1e999, \"s\": \"1e999\\\"2\", \"m\": -0.0e-9}",
        "{\"a\": \"\\n\"}",
        "[1, {}]", "\"text\"", "\"null\"", "1", "1e999", "-12345678901234567890123", "true", " false ",
        "{\"a\": 1, \"a\": 2}", "{\"a\": null}", "\t{}",
    ])
    func valueOnOneLineStaysAsItCame(value: String) throws {
        var records = SinkRecords.batch([value])
        let converter = try #require(JSONConverter())
        #expect(converter.convertValues(of: &records).isEmpty)
        #expect(records.value(at: 0) == Array(value.utf8))
    }

    @Test(arguments: [
        ("{\n  \"a\": \"x \\n y\",\n  \"b\": [1, 2]\n}", "{  \"a\": \"x \\n y\",  \"b\": [1, 2]}"),
        ("{}\r\n", "{}"),
        ("{ \"n\" : 123456789012345678901234567890 }\n", "{ \"n\" : 123456789012345678901234567890 }"),
        ("\r\n {} \r", " {} "), ("{\r}", "{}"), ("[1,\n 2]", "[1, 2]"), ("\n\"a\"\n", "\"a\""), ("\n1e999", "1e999"),
    ])
    func lineBreaksBetweenTokensAreRemoved(value: String, line: String) throws {
        var records = SinkRecords.batch(["{\"before\": 1}", value, "{\"after\": 1}"])
        let converter = try #require(JSONConverter())
        #expect(converter.convertValues(of: &records).isEmpty)
        #expect(records.value(at: 1) == Array(line.utf8))
        var file = ""
        records.forEachRunOfLines(in: 0..<3) { file += String(decoding: $0, as: UTF8.self) }
        #expect(file == "{\"before\": 1}\n\(line)\n{\"after\": 1}\n")
    }

    @Test(arguments: ["null", " null ", "\r\nnull\n", "\tnull"])
    func textNullIsANullValue(value: String) throws {
        var records = SinkRecords.batch(["{}", value, "{}"])
        let converter = try #require(JSONConverter())
        let fingerprint = records.fingerprint(ofLastRecordBefore: 2)
        #expect(converter.convertValues(of: &records).isEmpty)
        #expect(records.value(at: 1) == nil)
        #expect(records.fingerprint(ofLastRecordBefore: 2) == fingerprint)
    }

    @Test func changedValueKeepsItsFingerprint() throws {
        var records = SinkRecords.batch(["{\n}", "{}\n"])
        let before = (1...2).map { records.fingerprint(ofLastRecordBefore: $0) }
        let converter = try #require(JSONConverter())
        #expect(converter.convertValues(of: &records).isEmpty)
        #expect((1...2).map { records.fingerprint(ofLastRecordBefore: $0) } == before)
    }

    @Test(arguments: [
        ("", "empty"), ("  ", "empty"), ("\n", "empty"), ("{} {}", "more text"), ("{}x", "more text"),
        ("1 2", "more text"), ("\"a\" b", "more text"), ("null null", "more text"), ("[1]]", "more text"),
        ("{\"a\":1", "not valid JSON"), ("nul", "not valid JSON"), ("Null", "not valid JSON"),
        ("{\"a\":01}", "not valid JSON"), ("{\"a\":1.}", "not valid JSON"), ("{\"a\":1e999,}", "not valid JSON"),
        ("{\"a\":1e999e9}", "not valid JSON"), ("{\"a\":-}", "not valid JSON"), ("{a:1}", "not valid JSON"),
        ("{\"a\":\"line\nbreak\"}", "not valid JSON"), ("{\"a\":\"line\rbreak\"}", "not valid JSON"),
        ("{\"a\":NaN}", "not valid JSON"), ("NaN", "not valid JSON"), ("Infinity", "not valid JSON"),
        ("nonsense", "not valid JSON"), ("{'a':1}", "not valid JSON"), ("// x\n{}", "not valid JSON"),
        ("\u{FEFF}{}", "byte order mark"),
        (String(repeating: "[", count: 1100) + String(repeating: "]", count: 1100), "nested deeper"),
    ])
    func whatIsNotJSONIsNamed(value: String, reason: String) throws {
        var records = SinkRecords.batch(["{}", value, "{}"])
        let converter = try #require(JSONConverter())
        let failures = converter.convertValues(of: &records)
        #expect(failures.map(\.index) == [1])
        #expect(failures.first?.message.contains(reason) == true, "\(failures)")
        #expect(records.value(at: 1) == Array(value.utf8))
    }

    @Test(arguments: [[0xFF], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0x80]] as [[UInt8]])
    func invalidUTF8IsNamed(bytes: [UInt8]) throws {
        var records = SinkRecords.batch([Array("{\"a\":\"".utf8) + bytes + Array("\"}".utf8)])
        let converter = try #require(JSONConverter())
        #expect(converter.convertValues(of: &records).map(\.message) == ["the value is not valid UTF-8"])
    }

    @Test func nullPasses() throws {
        var records = SinkRecords.batch([nil, "{}"] as [String?])
        let converter = try #require(JSONConverter())
        #expect(converter.convertValues(of: &records).isEmpty)
        #expect(records.value(at: 0) == nil)
    }

    @Test func textsOfEveryLengthAreChecked() throws {
        // Around the blocks in which simdjson reads, and where its buffers grow.
        let lengths = Array(0...200) + [4_000, 4_096, 5_000, 70_000]
        var records = SinkRecords.batch(lengths.map { "{\"a\":\"" + String(repeating: "x", count: $0) + "\"}" })
        let converter = try #require(JSONConverter())
        #expect(converter.convertValues(of: &records).isEmpty)
    }
}
