import Analysis
import Community
import ExactValues

/// What of the feature table goes into the clustering, and why.
///
/// - Users: those who earned something. Shares of nothing are undefined, and "earned nothing yet" is a group that needs
///   no clustering to be found.
/// - Features: `TOT_tk_guadagnati` and `HERA_FIDELITY(%)`, the pair in which the original drew its segments, and
///   `TOT_tk_spesi`, without which savers and spenders look alike. The other partners' shares are left out: all shares
///   add up to 100, so each further one would only give the choice of partner more weight.
/// - Scale: each feature less its mean, by its standard deviation; otherwise percent would drown tokens.
struct SegmentationInput: Sendable {
    /// The original's subject; without it in the data the named partner that gave most takes its place.
    static let preferredPartner = "HERA"

    /// Rows of the feature table that take part.
    let users: [Int]
    /// Index of the partner whose fidelity is a feature.
    let focusPartner: Int
    /// Standardised features, one point a user.
    let points: Points
    let features: [Segmentation.Feature]

    /// - Returns: `nil` where nobody earned anything.
    init?(_ table: FeatureTable) {
        let users = (0..<table.count).filter { table.earned[$0] > 0 }
        guard !users.isEmpty, let focus = Self.focusPartner(table) else { return nil }
        let raw = Points(columns: [
            users.map { Double(table.earned[$0]) / 100 },
            users.map { Double(table.spent[$0]) / 100 },
            users.map { table.fidelity($0, partner: focus) ?? 0 },
        ])
        let names = ["TOT_tk_guadagnati", "TOT_tk_spesi", table.partners[focus].name + "_FIDELITY(%)"]
        let (points, means, deviations) = raw.standardised()
        self.users = users
        self.focusPartner = focus
        self.points = points
        self.features = names.indices.map {
            Segmentation.Feature(name: names[$0], mean: means[$0], deviation: deviations[$0])
        }
    }

    private static func focusPartner(_ table: FeatureTable) -> Int? {
        let totals = table.partners.map { $0.earned.reduce(0, +) }
        let isNamed = table.partners.map { !CategoryName.isReserved($0.name) }
        if let preferred = table.partners.firstIndex(where: { ExactText($0.name) == ExactText(preferredPartner) }),
            totals[preferred] > 0
        {
            return preferred
        }
        // One with a name comes before those without, whatever it gave.
        return totals.indices.max { left, right in
            (isNamed[left] && totals[left] > 0 ? 1 : 0, totals[left], right)
                < (isNamed[right] && totals[right] > 0 ? 1 : 0, totals[right], left)
        }
    }
}
