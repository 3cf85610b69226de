import CSimdJSON
import ExactValues
import Testing

@testable import Community

@Suite struct RowReaderTests {
    /// Reads the fields of a line, each as the field's own rule has it, and says what a value is or what is wrong.
    private func read(_ line: String, _ fields: [RowField]) throws -> [String] {
        let reader = try #require(RowReader(fields: fields))
        let bytes = Array(line.utf8) + Array(repeating: UInt8(ascii: "x"), count: RowReader.padding)
        return bytes.withUnsafeBufferPointer { bytes in
            do throws(RowReader.Problem) {
                try reader.read(UnsafeBufferPointer(rebasing: bytes.prefix(line.utf8.count)))
            } catch {
                return [error == .notAnObject ? "not a JSON object" : "not JSON"]
            }
            return fields.indices.map { index in
                do throws(FieldProblem) {
                    return fields[index].kind == .text
                        ? String(decoding: try reader[index].usableText(), as: UTF8.self)
                        : String(try reader[index].amount().hundredths)
                } catch {
                    return error.rawValue
                }
            }
        }
    }

    /// A number wherever it stands in its line: last and first, with white space, behind a key with escapes, and behind
    /// texts that look like its member.
    static let places = [
        #"{"x": 1, "a": NUMBER}"#, #"{"a": NUMBER, "x": {"a": 2}}"#, "{ \"a\" :\tNUMBER \r\n} ", #"{"\u0061": NUMBER}"#,
        #"{"a":NUMBER}"#, #"{"a": 7, "a": NUMBER}"#, #"{"x": "\", \"a\": 1", "a": NUMBER}"#,
        #"{"a": NUMBER, "x": ", \"a\": 1"}"#, #"{"a": NUMBER, "xa": 3}"#, #"{"a": NUMBER, "x\"a": 3}"#,
        #"{"y": [1e400], "a": NUMBER, "x": 1e400}"#,
    ]

    @Test(arguments: places)
    func numberIsReadAsWritten(place: String) throws {
        for (number, value) in [
            ("16e-1", "160"), ("1.6", "160"), ("5", "500"), ("1e400", "is not from 0 to 1000000000 tk"),
        ] {
            #expect(try read(place.replacing("NUMBER", with: number), [.number("a")]) == [value])
        }
        #expect(try read(place.replacing("NUMBER", with: "null"), [.number("a")]) == ["is null"])
        #expect(try read(place.replacing("NUMBER", with: "\"1\""), [.number("a")]) == ["is not a number"])
    }

    @Test func everyHundredthUpToAThousandIsExact() throws {
        for hundredths in 0..<100_000 {
            let cents = hundredths % 100
            let text = "\(hundredths / 100).\(cents < 10 ? "0" : "")\(cents)"
            let amount = try Array(text.utf8).withUnsafeBytes { try TokenAmount(json: $0) }
            guard amount.hundredths == hundredths else {
                Issue.record("\(text) was read as \(amount.hundredths)")
                return
            }
        }
    }

    @Test func keysAndTextsAreReadWithTheirEscapes() throws {
        let line = #"{"reward\u0028tk)": 1, "id_utente": "caff\u00e8 \"5\u20ac\"", "Data di Nascita": null}"#
        let row = try read(line, [.text("id_utente"), .number("reward(tk)")])
        #expect(row == ["caffè \"5€\"", "100"])
    }

    @Test func lastOfSeveralEqualKeysCounts() throws {
        #expect(try read(#"{"a": "x", "a": "y"}"#, [.text("a")]) == ["y"])
    }

    @Test func otherFieldsMayHoldAnything() throws {
        #expect(try read(#"{"b": [1, {"a": "no"}], "a": "yes"}"#, [.text("a")]) == ["yes"])
    }

    /// Numbers that fit no machine type, and texts that only look like such.
    static let large = [
        "1234567890123456789012345", "-1234567890123456789012345", "1e400", "-1E+400", "2e308", "[1, [1e999]]",
        #"{"x": 1e400, "y": "1e400"}"#, #""\" 1e400""#, "123456789012345678901.5", "1e-999",
    ]

    /// What the sink files the analyzer reads.
    @Test(arguments: large)
    func largeNumberElsewhereIsNoReasonToLeaveALineOut(value: String) throws {
        let line = "{\"a\": 1.75, \"b\": \(value), \"c\": \"1e400\"}"
        #expect(form(of: line) == .onOneLine)
        #expect(try read(line, [.number("a"), .text("c")]) == ["175", "1e400"])
    }

    @Test(arguments: ["1e400", "1234567890123456789012345"])
    func largeNumberIsNoAmount(value: String) throws {
        let line = "{\"a\": \(value)}"
        #expect(form(of: line) == .onOneLine)
        #expect(try read(line, [.number("a")]) == ["is not from 0 to 1000000000 tk"])
    }

    @Test(arguments: ["01e400", "1e400e1", "1.e400", "1e400 1", "x1e400", "- 1e400", "1e400]"])
    func brokenTextWithALargeNumberIsNoJSON(value: String) throws {
        let line = "{\"a\": \(value)}"
        #expect(form(of: line) == .invalidJSON)
        #expect(try read(line, [.text("a")]) == ["not JSON"])
    }

    /// What the sink's converter says of a line.
    private func form(of line: String) -> csimdjson_verdict {
        let checker = csimdjson_checker_create()
        defer { csimdjson_checker_destroy(checker) }
        let bytes = Array(line.utf8) + Array(repeating: 0, count: RowReader.padding)
        return csimdjson_check(checker, bytes, line.utf8.count)
    }

    /// A line, and what is said of it.
    static let refused = [
        ("", "not JSON"), ("{", "not JSON"), (#"{"a": "x"} {}"#, "not JSON"), (#"{"a": "x",}"#, "not JSON"),
        ("{\"a\": \"\u{1}\"}", "not JSON"), ("{\"a\": \"\u{0}\"}", "not JSON"), ("\"a\"", "not a JSON object"),
        ("{}", "is missing"), (#"{"a": 1}"#, "is not a text"), (#"{"a": null}"#, "is null"),
        (#"{"a": ""}"#, "is empty"),
        (#"{"a": ["x"]}"#, "is not a text"),
        ("{\"a\": \"\(String(repeating: "x", count: RowValue.textBytesMax + 1))\"}", "is longer than 1024 bytes"),
        (String(repeating: "[", count: 5_000), "not JSON"),
    ]

    @Test(arguments: refused)
    func unusableTextIsSaid(line: String, reason: String) throws {
        #expect(try read(line, [.text("a")]) == [reason])
    }

    /// An age, and what it is.
    static let ages: [(String, Int16?)] = [
        ("34", 34), ("34.0", 34), ("3.4e1", 34), ("340e-1", 34), ("0", 0), ("-0.0", 0), ("150", 150), ("151", nil),
        ("230", nil), ("-1", nil), ("34.5", nil), ("1e400", nil), ("null", nil), ("\"34\"", nil), ("true", nil),
        ("[34]", nil), ("{}", nil),
    ]

    @Test(arguments: ages)
    func wholeNumberOfYearsIsAnAge(text: String, age: Int16?) throws {
        let reader = try #require(RowReader(fields: [.number("a")]))
        let line = "{\"a\": \(text), \"b\": 1}"
        let bytes = Array(line.utf8) + Array(repeating: 0, count: RowReader.padding)
        try bytes.withUnsafeBufferPointer { bytes in
            try reader.read(UnsafeBufferPointer(rebasing: bytes.prefix(line.utf8.count)))
            #expect((try? reader[0].age()) == age)
        }
    }
}
