import ExactValues
import Testing

@Suite struct ExactTextTests {
    @Test func textsDifferByTheirBytes() {
        let (composed, decomposed) = (ExactText("caff\u{E8}"), ExactText("caffe\u{300}"))
        #expect(composed.string == decomposed.string)
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed]).count == 2)
        #expect(decomposed < composed)
    }

    @Test func orderIsThatOfTheBytes() {
        let sorted = ["", "a", "ab", "abc", "b", "a longer text than fits a small string", "\u{E8}", "\u{1F600}"]
            .sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
        #expect(sorted.reversed().map { ExactText($0) }.sorted().map(\.string) == sorted)
        #expect(ExactText("") == ExactText(""))
        #expect(!(ExactText("") < ExactText("")))
    }
}
