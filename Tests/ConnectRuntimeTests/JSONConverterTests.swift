import ConnectAPI
import ConnectRuntime
import KafkaTopics
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
    ])
    func objectOnOneLineStaysAsItCame(value: String) throws {
        var records = batch([value])
        let converter = try #require(JSONConverter())
        #expect(converter.convertValues(of: &records).isEmpty)
        #expect(records.value(at: 0) == Array(value.utf8))
    }

    @Test(arguments: [
        ("{\n  \"a\": \"x \\n y\",\n  \"b\": [1, 2]\n}", "{\"a\":\"x \\n y\",\"b\":[1,2]}"),
        ("{}\r\n", "{}"),
        ("{ \"n\" : 123456789012345678901234567890 }\n", "{\"n\":123456789012345678901234567890}"),
    ])
    func lineBreaksBetweenTokensAreRemoved(value: String, line: String) throws {
        var records = batch(["{\"before\": 1}", value, "{\"after\": 1}"])
        let converter = try #require(JSONConverter())
        #expect(converter.convertValues(of: &records).isEmpty)
        #expect(records.value(at: 1) == Array(line.utf8))
        var file = ""
        records.forEachRunOfLines(in: 0..<3) { file += String(decoding: $0, as: UTF8.self) }
        #expect(file == "{\"before\": 1}\n\(line)\n{\"after\": 1}\n")
    }

    @Test(arguments: [
        ("", "empty"), ("  ", "empty"), ("[1]", "no object"), ("\"text\"", "no object"), ("1", "no object"),
        ("1e999", "no object"), ("{} {}", "no valid JSON"), ("{}x", "no valid JSON"), ("{\"a\":1", "no valid JSON"),
        ("{\"a\":01}", "no valid JSON"), ("{\"a\":1.}", "no valid JSON"), ("{\"a\":1e999,}", "no valid JSON"),
        ("{\"a\":1e999e9}", "no valid JSON"), ("{\"a\":-}", "no valid JSON"), ("{a:1}", "no valid JSON"),
        ("{\"a\":\"line\nbreak\"}", "no valid JSON"), ("{\"a\":NaN}", "no valid JSON"), ("nonsense", "no valid JSON"),
        (String(repeating: "[", count: 1100) + String(repeating: "]", count: 1100), "nested deeper"),
    ])
    func whatIsNoObjectIsNamed(value: String, reason: String) throws {
        var records = batch(["{}", value, "{}"])
        let converter = try #require(JSONConverter())
        let failures = converter.convertValues(of: &records)
        #expect(failures.map(\.index) == [1])
        #expect(failures.first?.message.contains(reason) == true, "\(failures)")
        #expect(records.value(at: 1) == Array(value.utf8))
    }

    @Test(arguments: [[0xFF], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0x80]] as [[UInt8]])
    func invalidUTF8IsNamed(bytes: [UInt8]) throws {
        var records = batch([Array("{\"a\":\"".utf8) + bytes + Array("\"}".utf8)])
        let converter = try #require(JSONConverter())
        #expect(converter.convertValues(of: &records).map(\.message) == ["the value is no valid UTF-8"])
    }

    @Test func nullPasses() throws {
        var records = batch([nil, "{}"] as [String?])
        let converter = try #require(JSONConverter())
        #expect(converter.convertValues(of: &records).isEmpty)
        #expect(records.value(at: 0) == nil)
    }

    @Test func textsOfEveryLengthAreChecked() throws {
        // Around the blocks in which simdjson reads, and where its buffers grow.
        let lengths = Array(0...200) + [4_000, 4_096, 5_000, 70_000]
        var records = batch(lengths.map { "{\"a\":\"" + String(repeating: "x", count: $0) + "\"}" })
        let converter = try #require(JSONConverter())
        #expect(converter.convertValues(of: &records).isEmpty)
    }
}
