import ConnectAPI
import ConnectConverters
import Testing

/// Trees of JSON, strings and headers.
@Suite struct CoderTests {
    private func decode(_ text: String, _ coder: any DataCoder = JSONCoder()) throws -> DataValue {
        try Array(text.utf8).withUnsafeBytes { try coder.decode($0) }
    }

    private func encode(_ value: DataValue, _ coder: any DataCoder = JSONCoder()) throws -> String {
        String(decoding: try coder.encode(value), as: UTF8.self)
    }

    @Test(arguments: [
        "{}", "[]", "null", "true", "false", "\"\"", "-0.0e-9", "1e999", "123456789012345678901234567890",
        "{\"b\":1.50,\"a\":[{},[null]],\"c\":{\"d\":\"\\\"\\\\\\n\\u0001€😀\"}}",
    ])
    func compactTextComesBackAsItWas(text: String) throws {
        #expect(try encode(decode(text)) == text)
    }

    @Test func whiteSpaceAndEscapesAreRead() throws {
        let value = try decode(" {\n\"a\\u00e8\" : [ 1 ,\t2 ]\r, \"s\":\"\\ud83d\\ude00\\/\\b\\f\" } ")
        #expect(value == .object(["aè": .array([.number(1), .number(2)]), "s": .string("😀/\u{8}\u{C}")]))
    }

    @Test func lastMemberOfANameCounts() throws {
        #expect(try encode(decode("{\"a\":1,\"b\":2,\"a\":3}")) == "{\"a\":3,\"b\":2}")
    }

    @Test func bytesAreWrittenInBase64() throws {
        let texts = try ["", "f", "fo", "foo", "foob"].map { try encode(.bytes(Array($0.utf8))) }
        #expect(texts == ["\"\"", "\"Zg==\"", "\"Zm8=\"", "\"Zm9v\"", "\"Zm9vYg==\""])
    }

    @Test(arguments: [
        "", " ", "{", "[1,]", "{\"a\"}", "{\"a\":}", "{a:1}", "tru", "01", "\"", "\"\\x\"", "\"\\u12\"", "\"\n\"",
        "1 2",
        "{} {}", "\"\\ud83d\"", "\"\\ude00\"", "\"\\ud83d\\u0041\"", "[1}",
        String(repeating: "[", count: 1025) + String(repeating: "]", count: 1025),
    ])
    func whatIsNotJSONIsAnError(text: String) {
        #expect(throws: DataError.self) { try decode(text) }
    }

    @Test func deepestNestingIsRead() throws {
        let text = String(repeating: "[", count: 1024) + String(repeating: "]", count: 1024)
        #expect(try encode(decode(text)) == text)
    }

    @Test func invalidUTF8IsAnError() {
        #expect(throws: DataError.self) {
            try [UInt8(ascii: "\""), 0xFF, UInt8(ascii: "\"")].withUnsafeBytes { try JSONCoder().decode($0) }
        }
    }

    @Test func stringsAndBytesStayAsTheyAre() throws {
        #expect(try decode("{\"a\"", StringConverter().coder) == .string("{\"a\""))
        #expect(try encode(.string("a\"b"), StringConverter().coder) == "a\"b")
        #expect(try encode(.number(5), StringConverter().coder) == "5")
        #expect(try decode("x", ByteArrayConverter().coder) == .bytes([UInt8(ascii: "x")]))
        #expect(throws: DataError.self) { try encode(.string("x"), ByteArrayConverter().coder) }
    }

    @Test func headersAreJSONWhereTheirTextIs() throws {
        let coder = SimpleHeaderConverter().coder
        #expect(try decode("1.50", coder) == .number(try #require(ExactNumber("1.5"))))
        #expect(try decode("{\"a\":[]}", coder) == .object(["a": .array([])]))
        #expect(try decode("plain text", coder) == .string("plain text"))
        #expect(try decode("", coder) == .string(""))
        #expect(try ([0xFF] as [UInt8]).withUnsafeBytes { try coder.decode($0) } == .bytes([0xFF]))
        #expect(try encode(.string("plain"), coder) == "plain")
        #expect(try encode(.array([.string("a")]), coder) == "[\"a\"]")
    }
}
