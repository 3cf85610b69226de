package import Community

/// The segments of customers, and how they were found.
package struct Segmentation: Equatable, Sendable, Codable {
    /// A column that k-means looked at, standardised by its mean and standard deviation.
    package struct Feature: Equatable, Sendable, Codable {
        package let name: String
        package let mean: Double
        package let deviation: Double
    }

    /// The best run for one k.
    package struct Cost: Equatable, Sendable, Codable {
        package let k: Int
        /// Clusters that it ended with: fewer than k where there are fewer different users.
        package let effectiveK: Int
        /// Sum of squared distances to the centres, of standardised features.
        package let cost: Double
        /// Depth below the chord of the elbow, 0–1; `nil` where the run fell short of k.
        package let depth: Double?
        package let iterations: Int
        package let isConverged: Bool
    }

    /// A user in the scatter.
    package struct Point: Equatable, Sendable, Codable {
        package let earned: TokenAmount
        /// Share of the focus partner, in percent.
        package let fidelity: Double
        package let segment: Int
    }

    package let features: [Feature]
    /// The partner whose fidelity is a feature.
    package let focusPartner: String
    package let initialisations: Int
    package let costs: [Cost]
    /// `false`: the costs have no clear elbow and the fallback was taken.
    package let isElbowClear: Bool
    package let chosenK: Int
    /// The largest first.
    package let segments: [CustomerSegment]
    /// Users who earned nothing yet and so belong to no segment.
    package let usersWithoutEarnings: Int
    /// A sample of the segmented users.
    package let scatter: [Point]

    /// Users in segments.
    package var users: Int { segments.reduce(0) { $0 + $1.users } }
    /// Segments that there are.
    package var effectiveK: Int { segments.count }
}
