import PlainText
import Testing

@Suite struct NumberTextTests {
    @Test(arguments: [
        (0, "0"), (7, "7"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567"), (-1000, "-1,000"), (-12, "-12"),
    ])
    func wholeNumbersAreGrouped(number: Int, text: String) {
        #expect(NumberText.whole(number) == text)
    }

    @Test(arguments: [
        (0, "0.00"), (5, "0.05"), (-205, "-2.05"), (123_450, "1234.50"), (Int64.min, "-92233720368547758.08"),
    ])
    func hundredthsAreWrittenForPrograms(hundredths: Int64, text: String) {
        #expect(NumberText.plain(hundredths: hundredths) == text)
    }

    @Test func leastIntegerIsGroupedToo() {
        #expect(NumberText.whole(Int64.min) == "-9,223,372,036,854,775,808")
    }

    @Test(arguments: [
        (1234.567, 2, "1,234.57"), (0.05, 1, "0.1"), (-0.04, 1, "0.0"), (2.0, 1, "2.0"), (99.96, 1, "100.0"),
        (-1.25, 1, "-1.3"), (1e20, 1, "–"), (.nan, 1, "–"), (-.infinity, 0, "–"), (1.005, 3, "1.005"),
    ])
    func decimalsAreRounded(number: Double, decimals: Int, text: String) {
        #expect(NumberText.decimal(number, decimals: decimals) == text)
    }

    @Test(arguments: [
        (0, "0\u{A0}bytes"), (999, "999\u{A0}bytes"), (1000, "1.0\u{A0}kB"), (29_340_000, "29.3\u{A0}MB"),
        (5_000_000_000_000_000, "5,000.0\u{A0}TB"),
    ])
    func bytesHaveAUnit(count: Int, text: String) {
        #expect(NumberText.bytes(count) == text)
    }

    @Test func listsReadAsASentence() {
        #expect(NumberText.list([]) == "")
        #expect(NumberText.list(["a"]) == "a")
        #expect(NumberText.list(["a", "b"]) == "a and b")
        #expect(NumberText.list(["a", "b", "c"]) == "a, b and c")
    }

    @Test func nounsAgreeWithTheirNumber() {
        #expect(NumberText.count(1, "user") == "1 user")
        #expect(NumberText.count(2000, "user") == "2,000 users")
    }

    @Test func shareOfNothingIsNone() {
        #expect(NumberText.share(1, of: 3) == "33.3%")
        #expect(NumberText.share(0, of: 0) == "–")
    }
}
