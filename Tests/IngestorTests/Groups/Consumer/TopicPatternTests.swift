import Ingestor
import Testing

@Suite struct TopicPatternTests {
    @Test(
        arguments: [
            ("a", "a", true), ("a", "b", false), ("a", "aa", false), ("", "", true), ("", "a", false),
            ("a.*", "abc", true), ("a.*", "ba", false), ("^a.+$", "ab", true), ("^a.+$", "a", false),
            ("orders|payments", "payments", true), ("orders|payments", "orders-payments", false),
            ("(a|b)+", "abba", true), ("(a|b)+", "abc", false), ("(?:ab)*c", "ababc", true), ("a??b", "ab", true),
            ("a{2}", "aa", true), ("a{2}", "aaa", false), ("a{2,}", "aaaa", true), ("a{2,3}", "aaaa", false),
            ("a{,3}", "a{,3}", true), ("a{x", "a{x", true), ("(a{0,2}){0,2}", "aaaa", true),
            ("[a-c]+", "cab", true), ("[^a-c]+", "xyz", true), ("[^a-c]+", "xaz", false), ("[]a]", "]", true),
            ("[a-]", "-", true), ("[\\d_]+", "1_2", true), ("[[:alpha:]]+", "Ab", true), ("[[:^digit:]]", "1", false),
            ("\\d\\w\\.\\S", "1a.x", true), ("\\D", "1", false), ("\\Qa.b\\E", "a.b", true),
            ("\\Qa.b\\E", "axb", false),
            ("\\x41\\x{42}", "AB", true), ("(?i)Ab", "aB", true), ("(?i:a)b", "Ab", true), ("(?i:a)b", "AB", false),
            ("((?i)a)b", "AB", false), ("(?i)[a-c]", "B", true), ("(?-i)a", "A", false),
            ("(?P<n>a)(?<m>b)", "ab", true),
            ("a$|b", "a", true), ("$a", "a", false), ("a^", "a", false), ("\\Aa\\z", "a", true),
            ("a\\b.b", "a-b", true), ("a\\b.b", "acb", false), ("a\\B.b", "acb", true), ("é|a", "a", true),
            ("(a*)*", "aaa", true), ("(a*)*", "b", false), ("()*a", "a", true), ("(|a)b", "b", true),
        ] as [(String, String, Bool)]
    )
    func matches(text: String, name: String, expected: Bool) throws {
        var pattern = try TopicPattern(text)
        let (first, second) = (pattern.matches(name), pattern.matches(name))
        #expect(first == expected)
        #expect(second == expected, "with what is remembered of the first time")
    }

    @Test(arguments: [
        "(", ")", "a)", "(a", "[a", "[z-a]", "*", "+a", "a**", "a+*", "(?=a)", "(?!a)", "(?<=a)b", "(a)\\1", "\\",
        "\\pL",
        "a{2,1}", "a{1001}", "(?P<a", "(?P<>a)", "(?x)a", "[[:what:]]", "\\xg1", "\\x{110000}", "(?", "(?i",
    ])
    func malformedIsRefused(text: String) {
        #expect(throws: PatternError.self) { try TopicPattern(text) }
    }

    @Test func hugeIsRefused() {
        #expect(throws: PatternError.self) { try TopicPattern("((a{1000}){1000}){1000}") }
        #expect(throws: PatternError.self) { try TopicPattern("((){1000}){1000}") }
        #expect(throws: PatternError.self) {
            try TopicPattern(String(repeating: "(", count: 5_000) + String(repeating: ")", count: 5_000))
        }
    }

    /// What takes a backtracking engine 2^30 steps, and an automaton with all its states 2^20 of them.
    @Test func timeIsLinear() throws {
        let name = String(repeating: "a", count: 249)
        var nested = try TopicPattern("(a*)*(a*)*(a?){30}b")
        let isMatch = nested.matches(name)
        #expect(!isMatch)
        var wide = try TopicPattern("(a|b)*a(a|b){100}")
        for number in 0..<200 {
            let letters = (0..<249).map { (number >> ($0 % 8)) & 1 == 1 ? "a" : "b" }
            let expected = letters[148] == "a"
            let isMatch = wide.matches(letters.joined())
            #expect(isMatch == expected)
        }
    }
}
