import Report
import Testing

@Suite struct CSVTextTests {
    @Test(arguments: [
        (["a", "b"], "a,b\r\n"), (["a,b", ""], "\"a,b\",\r\n"), (["say \"hi\""], "\"say \"\"hi\"\"\"\r\n"),
        (["two\nlines"], "\"two\nlines\"\r\n"), (["\r"], "\"\r\"\r\n"), (["caffè 5€"], "caffè 5€\r\n"),
    ])
    func fieldsAreQuotedWhereTheyMust(fields: [String], line: String) {
        #expect(CSVText.line(fields) == line)
    }
}
