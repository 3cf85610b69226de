package import ExactValues

/// The segments of customers, and how they were found.
package struct Segmentation: Equatable, Sendable, Codable {
    /// A column that k-means looked at, standardised by its mean and standard deviation.
    package struct Feature: Equatable, Sendable, Codable {
        package let name: String
        package let mean: Double
        package let deviation: Double

        package init(name: String, mean: Double, deviation: Double) {
            self.name = name
            self.mean = mean
            self.deviation = deviation
        }
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

        package init(k: Int, effectiveK: Int, cost: Double, depth: Double?, iterations: Int, isConverged: Bool) {
            self.k = k
            self.effectiveK = effectiveK
            self.cost = cost
            self.depth = depth
            self.iterations = iterations
            self.isConverged = isConverged
        }
    }

    /// A user in the scatter.
    package struct Point: Equatable, Sendable, Codable {
        package let earned: TokenAmount
        /// Share of the focus partner, in percent.
        package let fidelity: Double
        package let segment: Int

        package init(earned: TokenAmount, fidelity: Double, segment: Int) {
            self.earned = earned
            self.fidelity = fidelity
            self.segment = segment
        }
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

    package init(
        features: [Feature],
        focusPartner: String,
        initialisations: Int,
        costs: [Cost],
        isElbowClear: Bool,
        chosenK: Int,
        segments: [CustomerSegment],
        usersWithoutEarnings: Int,
        scatter: [Point]
    ) {
        self.features = features
        self.focusPartner = focusPartner
        self.initialisations = initialisations
        self.costs = costs
        self.isElbowClear = isElbowClear
        self.chosenK = chosenK
        self.segments = segments
        self.usersWithoutEarnings = usersWithoutEarnings
        self.scatter = scatter
    }

    /// Users in segments.
    package var users: Int { segments.reduce(0) { $0 + $1.users } }
    /// Segments that there are.
    package var effectiveK: Int { segments.count }
}

/// A group of users who are alike. (Not a segment of a log.)
package struct CustomerSegment: Equatable, Sendable, Codable {
    /// The mean of one partner's share of its users' earnings.
    package struct Fidelity: Equatable, Sendable, Codable {
        package let partner: String
        /// Percent.
        package let mean: Double

        package init(partner: String, mean: Double) {
            self.partner = partner
            self.mean = mean
        }
    }

    /// 1 is the largest.
    package let number: Int
    /// A few words that distinguish it from the others.
    package let name: String
    /// What its users do, in a sentence or two.
    package let description: String
    package let users: Int
    /// Percent of all segmented users.
    package let share: Double
    /// Tokens that its users earned and spent together.
    package let earned: TokenAmount
    package let spent: TokenAmount
    /// Means per user: events, and years of age where known.
    package let meanBehaviours: Double
    package let meanPrizes: Double
    package let meanAge: Double?
    /// One entry a partner, sorted by partner.
    package let fidelity: [Fidelity]

    package init(
        number: Int,
        name: String,
        description: String,
        users: Int,
        share: Double,
        earned: TokenAmount,
        spent: TokenAmount,
        meanBehaviours: Double,
        meanPrizes: Double,
        meanAge: Double?,
        fidelity: [Fidelity]
    ) {
        self.number = number
        self.name = name
        self.description = description
        self.users = users
        self.share = share
        self.earned = earned
        self.spent = spent
        self.meanBehaviours = meanBehaviours
        self.meanPrizes = meanPrizes
        self.meanAge = meanAge
        self.fidelity = fidelity
    }

    /// Mean of `TOT_tk_guadagnati`, in tk.
    package var meanEarned: Double { earned.tokens / Double(max(1, users)) }
    /// Mean of `TOT_tk_spesi`, in tk.
    package var meanSpent: Double { spent.tokens / Double(max(1, users)) }
}
