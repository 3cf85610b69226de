import ExactValues
import Foundation
import Testing

@Suite struct TokenAmountTests {
    @Test(arguments: [0, 1, -1, 160, 285, 100, 9_007_199_254_740_993, Int64.max, Int64.min + 1])
    func sumsOfAnySizeSurviveJSON(hundredths: Int64) throws {
        let sum = [TokenAmount(hundredths: hundredths)]
        let text = try JSONEncoder().encode(sum)
        #expect(try JSONDecoder().decode([TokenAmount].self, from: text) == sum)
        if hundredths == 9_007_199_254_740_993 {
            #expect(String(decoding: text, as: UTF8.self) == "[90071992547409.93]")
        }
    }
}
