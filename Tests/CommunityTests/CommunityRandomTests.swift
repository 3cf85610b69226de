import Testing

@testable import Community

@Suite struct CommunityRandomTests {
    /// The first values of the reference implementation of SplitMix64 (Sebastiano Vigna's `splitmix64.c`) for this seed.
    @Test func itIsSplitMix64() {
        var random = CommunityRandom(seed: 1_234_567)
        #expect(
            (0..<5).map { _ in random.next() } == [
                6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
                4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
            ]
        )
    }

    @Test(arguments: [1, 2, 3, 7, 100, 1_000_003])
    func numbersStayBelowTheirBound(_ bound: Int) {
        var random = CommunityRandom(seed: 9)
        let numbers = (0..<1000).map { _ in random.below(bound) }
        #expect(numbers.allSatisfy { (0..<bound).contains($0) })
        #expect(bound > 100 || Set(numbers).count == bound)
    }

    @Test func aBoundThatDoesNotDivideIsEvenlyDrawn() {
        // Two thirds of the range: without the redraw the low half would come twice as often.
        let bound = Int.max / 3 * 2
        var random = CommunityRandom(seed: 4)
        let low = (0..<10_000).count { _ in random.below(bound) < bound / 2 }
        #expect((4_750...5_250).contains(low))
    }
}
