import ExactValues
import PlainText
import Testing

@testable import Report

@Suite struct TokenTextTests {
    @Test(arguments: [
        (123_450, "1,234.50\u{A0}tk"), (5, "0.05\u{A0}tk"), (-205, "-2.05\u{A0}tk"), (0, "0.00\u{A0}tk"),
        (9_007_199_254_740_993, "90,071,992,547,409.93\u{A0}tk"),
    ])
    func tokensAreExact(hundredths: Int64, text: String) {
        #expect(NumberText.tokens(TokenAmount(hundredths: hundredths)) == text)
    }
}
