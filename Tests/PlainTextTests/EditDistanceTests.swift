import PlainText
import Testing

@Suite struct EditDistanceTests {
    @Test(arguments: [
        ("", "", 0), ("abc", "abc", 0), ("abc", "", 3), ("", "abc", 3), ("abc", "acb", 1), ("kitten", "sitting", 3),
        ("flush.size", "fulsh.size", 1), ("ab", "ba", 1), ("ca", "abc", 3),
    ])
    func distanceIsTheFewestEdits(first: String, second: String, distance: Int) {
        #expect(EditDistance.distance(Array(first.utf8), Array(second.utf8)) == distance)
        #expect(EditDistance.distance(Array(second.utf8), Array(first.utf8)) == distance)
    }

    @Test func nothingNearIsNoSuggestion() {
        #expect(EditDistance.nearest(to: "partitioner", among: ["flush.size", "topics"]) == nil)
        #expect(EditDistance.nearest(to: "topic", among: ["flush.size", "topics"]) == "topics")
    }

    /// Comparing the two would take 600,000,000,000 steps.
    @Test(.timeLimit(.minutes(15))) func wordsOfVeryDifferentLengthAreNotCompared() {
        let word = String(repeating: "a", count: 1_000_000)
        #expect(EditDistance.nearest(to: word, among: [String(repeating: "a", count: 600_000)]) == nil)
    }
}
