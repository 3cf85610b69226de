import PlainText
import Testing

@Suite struct PrintableTextTests {
    @Test(arguments: [
        ("plain text", "plain text"),
        ("àé 日本 🙂", "àé 日本 🙂"),
        (#"{"a\u001b": "\n"}"#, #"{"a\u001b": "\n"}"#),
        ("one\ntwo\r\nthree\t", #"one\ntwo\r\nthree\t"#),
        ("\u{1B}]0;owned\u{07}\u{1B}[2J", #"\u{1b}]0;owned\u{07}\u{1b}[2J"#),
        ("\u{0}\u{7F}\u{9B}31m", #"\u{00}\u{7f}\u{9b}31m"#),
        ("\u{202E}gpj.exe\u{2066}\u{200F}\u{61C}", #"\u{202e}gpj.exe\u{2066}\u{200f}\u{61c}"#),
        ("a\u{2028}b\u{2029}c\u{85}", #"a\u{2028}b\u{2029}c\u{85}"#),
    ])
    func whatIsNotPlainIsEscaped(text: String, shown: String) {
        #expect(PrintableText.escaping(text) == shown)
        #expect(PrintableText.escaping(Array(text.utf8)) == shown)
    }

    @Test(
        arguments: [
            ([0x61, 0x9B, 0x33], #"a\x9b3"#),
            ([0xC3], #"\xc3"#),
            ([0xFF, 0xFE, 0x0A], #"\xff\xfe\n"#),
            // An overlong form of ESC, and half a surrogate pair: no characters of UTF-8.
            ([0xC0, 0x9B], #"\xc0\x9b"#),
            ([0xED, 0xA0, 0x80], #"\xed\xa0\x80"#),
            ([], ""),
        ] as [([UInt8], String)]
    )
    func bytesOfNoCharacterAreEscaped(bytes: [UInt8], shown: String) {
        #expect(PrintableText.escaping(bytes) == shown)
    }

    @Test func noByteOfAnyTextReachesATerminalAsACommand() {
        for value in UInt32(0)...0x2FFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let shown = PrintableText.escaping(String(scalar))
            #expect(shown.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control })
        }
    }
}
