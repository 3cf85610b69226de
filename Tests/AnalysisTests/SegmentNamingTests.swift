import Analysis
import Testing

@Suite struct SegmentNamingTests {
    static let naming = SegmentNaming(
        all: SegmentNaming.Profile(
            earned: 10,
            spent: 6,
            fidelity: [("CAMST", 20), ("CONAD", 30), ("HERA", 50)]
        )
    )

    /// Means of a segment, and the name that it gets.
    struct Case: Sendable, CustomStringConvertible {
        let earned: Double
        let spent: Double
        /// CAMST, CONAD, HERA.
        let fidelity: [Double]
        let name: String

        var description: String { name }

        var profile: SegmentNaming.Profile {
            SegmentNaming.Profile(
                earned: earned,
                spent: spent,
                fidelity: Array(zip(["CAMST", "CONAD", "HERA"], fidelity))
            )
        }
    }

    static let cases = [
        Case(earned: 12, spent: 3, fidelity: [5, 5, 90], name: "Hera-loyal above-average earners who seldom spend"),
        Case(earned: 25, spent: 22, fidelity: [20, 30, 50], name: "Mixed-partner top earners who like to spend"),
        Case(earned: 10, spent: 6, fidelity: [20, 30, 50], name: "Mixed-partner average earners"),
        Case(earned: 4, spent: 0, fidelity: [30, 55, 15], name: "Conad-and-Camst light earners who hardly spend"),
        Case(earned: 7, spent: 4, fidelity: [100, 0, 0], name: "Camst-loyal below-average earners"),
    ]

    @Test(arguments: cases)
    func nameSaysHowASegmentDiffers(_ segment: Case) {
        #expect(Self.naming.name(segment.profile) == segment.name)
    }

    @Test func descriptionSaysItInASentence() {
        let loyal = Self.naming.description(Self.cases[0].profile)
        #expect(loyal == "They earn 1.2 times the average, spend only 25% of it, and earn mostly with Hera.")
        let away = Self.naming.description(Self.cases[3].profile)
        #expect(
            away == "They earn 0.4 times the average, spend next to nothing of it, "
                + "and earn with Conad first and seldom with Hera."
        )
    }

    @Test func communityThatSpendsNothingIsNotDividedByZero() {
        let naming = SegmentNaming(all: .init(earned: 10, spent: 0, fidelity: [("HERA", 100)]))
        let profile = SegmentNaming.Profile(earned: 10, spent: 0, fidelity: [("HERA", 100)])
        #expect(naming.name(profile) == "Hera-loyal average earners")
        #expect(
            naming.description(profile)
                == "They earn about the average, spend nothing, as everybody, and earn with Hera alone."
        )
    }
}
