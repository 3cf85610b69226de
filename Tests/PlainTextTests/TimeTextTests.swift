import PlainText
import Testing

@Suite struct TimeTextTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00Z"), (-1, "1969-12-31T23:59:59Z"), (1_616_583_600_999, "2021-03-24T11:00:00Z"),
            (951_868_799_000, "2000-02-29T23:59:59Z"), (-86_400_000, "1969-12-31T00:00:00Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59Z"),
        ] as [(Int64, String)]
    )
    func momentsAreToldInUTC(milliseconds: Int64, text: String) {
        #expect(TimeText.utc(milliseconds: milliseconds) == text)
    }

    /// Timestamps come from producers, so any number has a text.
    @Test(arguments: [Int64.min, .max]) func extremesHaveAText(milliseconds: Int64) {
        #expect(TimeText.utc(milliseconds: milliseconds).hasSuffix("Z"))
    }
}
