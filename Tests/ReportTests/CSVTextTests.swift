import Report
import Testing

@Suite struct CSVTextTests {
    @Test(arguments: [
        (["a", "b"], "a,b\r\n"), (["a,b", ""], "\"a,b\",\r\n"), (["say \"hi\""], "\"say \"\"hi\"\"\"\r\n"),
        (["two\nlines"], "\"two\nlines\"\r\n"), (["x\r"], "\"x\r\"\r\n"), (["caffè 5€"], "caffè 5€\r\n"),
    ])
    func fieldsAreQuotedWhereTheyMust(fields: [String], line: String) {
        #expect(CSVText.line(fields.map { .text($0) }) == line)
    }

    @Test(arguments: [
        ("=1+1", "'=1+1"), ("+1", "'+1"), ("-1", "'-1"), ("@SUM(1)", "'@SUM(1)"), ("\t=1", "'\t=1"),
        ("\r=1", "\"'\r=1\""),
        ("\n=1", "\"'\n=1\""), ("\u{FF1D}1", "'\u{FF1D}1"), ("'=1", "''=1"), ("''@x", "'''@x"),
        ("=a,\"b\"", "\"'=a,\"\"b\"\"\""),
        ("'co'", "'co'"), ("a=1", "a=1"), ("", ""), ("'", "'"), ("1-2", "1-2"),
    ])
    func noTextBeginsAsAFormula(text: String, field: String) {
        #expect(CSVText.line([.text(text)]) == field + "\r\n")
    }

    @Test func numbersStayNumbers() {
        #expect(CSVText.line([.number("-5.00"), .number("")]) == "-5.00,\r\n")
    }
}
