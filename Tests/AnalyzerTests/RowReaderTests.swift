import CSimdJSON
import Testing

@testable import Analyzer

@Suite struct RowReaderTests {
    private func read(_ line: String, _ fields: [RowField]) throws -> (problem: String?, values: [String]) {
        let reader = try RowReader(fields: fields)
        let bytes = Array(line.utf8) + Array(repeating: UInt8(ascii: "x"), count: RowReader.padding)
        let problem = bytes.withUnsafeBufferPointer {
            reader.read(UnsafeBufferPointer(rebasing: $0.prefix(line.utf8.count)))
        }
        guard problem == nil else { return (problem, []) }
        let values = fields.indices.map { index in
            fields[index].kind == .text
                ? String(decoding: reader.text(index), as: UTF8.self) : String(reader.number(index))
        }
        return (nil, values)
    }

    /// A number as it is written, and its hundredths.
    static let amounts: [(String, Int64?)] = [
        ("1.6", 160), ("1.75", 175), ("2.85", 285), ("0.9", 90), ("10", 1000), ("0", 0), ("-0.05", -5),
        ("1e2", 10_000), ("0.29", 29), ("1.15", 115), ("33.33", 3333), ("999999999.99", 99_999_999_999),
        ("1.005", nil), ("0.001", nil), ("1e300", nil), ("true", nil), ("\"1\"", nil), ("[1]", nil),
    ]

    @Test(arguments: amounts)
    func amountIsExactOrRefused(text: String, hundredths: Int64?) throws {
        let row = try read("{\"a\": \(text)}", [.hundredths("a")])
        if let hundredths {
            #expect(row.values == [String(hundredths)])
        } else {
            #expect(row.problem == "a is not a number of at most two decimals")
        }
    }

    @Test func everyHundredthUpToAThousandIsExact() throws {
        let reader = try RowReader(fields: [.hundredths("a")])
        for hundredths in 0..<100_000 {
            let cents = hundredths % 100
            let line = "{\"a\": \(hundredths / 100).\(cents < 10 ? "0" : "")\(cents)}"
            let bytes = Array(line.utf8) + Array(repeating: 0, count: RowReader.padding)
            let problem = bytes.withUnsafeBufferPointer {
                reader.read(UnsafeBufferPointer(rebasing: $0.prefix(line.utf8.count)))
            }
            guard problem == nil, reader.number(0) == hundredths else {
                Issue.record("\(line): \(problem ?? "\(reader.number(0))")")
                return
            }
        }
    }

    @Test func keysAndTextsAreReadWithTheirEscapes() throws {
        let line = #"{"reward\u0028tk)": 1, "id_utente": "caff\u00e8 \"5\u20ac\"", "Data di Nascita": null}"#
        let row = try read(line, [.text("id_utente"), .hundredths("reward(tk)")])
        #expect(row.values == ["caffè \"5€\"", "100"])
    }

    @Test func lastOfSeveralEqualKeysCounts() throws {
        #expect(try read(#"{"a": "x", "a": "y"}"#, [.text("a")]).values == ["y"])
    }

    @Test func otherFieldsMayHoldAnything() throws {
        #expect(try read(#"{"b": [1, {"a": "no"}], "a": "yes"}"#, [.text("a")]).values == ["yes"])
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
        #expect(verdict(line) == .objectOnOneLine)
        #expect(try read(line, [.hundredths("a"), .text("c")]).values == ["175", "1e400"])
    }

    @Test(arguments: ["1e400", "1234567890123456789012345"])
    func largeNumberIsNoValueOfAField(value: String) throws {
        let line = "{\"a\": \(value)}"
        #expect(verdict(line) == .objectOnOneLine)
        #expect(try read(line, [.integer("a")]).problem == "a is not a whole number")
        #expect(try read(line, [.hundredths("a")]).problem == "a is not a number of at most two decimals")
    }

    @Test(arguments: ["01e400", "1e400e1", "1.e400", "1e400 1", "x1e400", "- 1e400", "1e400]"])
    func brokenTextWithALargeNumberIsNoJSON(value: String) throws {
        let line = "{\"a\": \(value)}"
        #expect(verdict(line) == .invalidJSON)
        #expect(try read(line, [.text("a")]).problem?.hasPrefix("not JSON: ") == true)
    }

    /// What the sink's converter says of a line.
    private func verdict(_ line: String) -> csimdjson_verdict {
        let checker = csimdjson_checker_create()
        defer { csimdjson_checker_destroy(checker) }
        let bytes = Array(line.utf8) + Array(repeating: 0, count: RowReader.padding)
        return csimdjson_check_object(checker, bytes, line.utf8.count)
    }

    /// A line, and the beginning of what is said of it.
    static let refused = [
        ("", "not JSON"), ("{", "not JSON"), (#"{"a": "x"} {}"#, "not JSON"), (#"{"a": "x",}"#, "not JSON"),
        ("{\"a\": \"\u{1}\"}", "not JSON"), ("\"a\"", "not a JSON object"), ("{}", "a is missing"),
        (#"{"a": 1}"#, "a is not a text"),
    ]

    @Test(arguments: refused)
    func badLineIsRefused(line: String, reason: String) throws {
        let problem = try #require(try read(line, [.text("a")]).problem)
        #expect(problem.hasPrefix(reason))
    }

    @Test(arguments: ["1.5", "1e2", "\"1\"", "9223372036854775808"])
    func wholeNumberIsRefusedWhenItIsNone(text: String) throws {
        #expect(try read("{\"a\": \(text)}", [.integer("a")]).problem == "a is not a whole number")
    }
}
