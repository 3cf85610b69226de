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
}
