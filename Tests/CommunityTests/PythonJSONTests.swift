import Testing

@testable import Community

@Suite struct PythonJSONTests {
    /// Right: what Python 3.11's `json.dumps` printed.
    @Test(arguments: [
        ("", #""""#),
        ("menu", #""menu""#),
        ("10€", #""10\u20ac""#),
        ("perché", #""perch\u00e9""#),
        ("a\"b\\c/d", #""a\"b\\c/d""#),
        ("\u{8}\t\n\u{c}\r", #""\b\t\n\f\r""#),
        ("\u{0}\u{1f}\u{7f}", #""\u0000\u001f\u007f""#),
        ("😀", #""\ud83d\ude00""#),
    ])
    func stringsAreEscapedAsPythonEscapesThem(_ text: String, _ json: String) {
        #expect(PythonJSON.string(text) == json)
    }

    @Test(arguments: [(160, "1.6"), (175, "1.75"), (90, "0.9"), (500, "5.0"), (5, "0.05"), (101, "1.01"), (0, "0.0")])
    func floatsAreWrittenAsPythonsShortestForm(_ hundredths: UInt32, _ json: String) {
        #expect(PythonJSON.float(hundredths: hundredths) == json)
    }
}
