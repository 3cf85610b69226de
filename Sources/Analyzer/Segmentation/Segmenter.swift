import Analysis
import Community
import ExactValues

/// Finds the segments of customers: clusters, chooses k, describes.
struct Segmenter: Sendable {
    let table: FeatureTable
    let options: AnalysisOptions
    let onProgress: @Sendable (AnalysisProgress) -> Void

    /// - Returns: the segmentation and the number of each user's segment (0 is none); `nil` if no user earned anything.
    func run() async throws(AnalysisError) -> (segmentation: Segmentation, segmentOfUser: [Int32])? {
        guard let input = SegmentationInput(table) else { return nil }
        let models = try await ElbowSearch(points: input.points, options: options, onProgress: onProgress).run()
        let reached = models.filter { $0.model.centres.count == $0.k }
        let choice = ElbowRule.choose(reached.map { ($0.k, $0.model.cost) })
        guard let chosen = models.first(where: { $0.k == choice?.k }) ?? models.first else { return nil }

        let members = Self.members(of: chosen.model, users: input.users)
        var segmentOfUser = [Int32](repeating: 0, count: table.count)
        for (index, users) in members.enumerated() {
            for user in users { segmentOfUser[user] = Int32(index + 1) }
        }
        let costs = models.map { entry in
            Segmentation.Cost(
                k: entry.k,
                effectiveK: entry.model.centres.count,
                cost: entry.model.cost,
                depth: reached.firstIndex { $0.k == entry.k }.flatMap { choice?.depths[$0] },
                iterations: entry.model.iterations,
                isConverged: entry.model.isConverged
            )
        }
        let segmentation = Segmentation(
            features: input.features,
            focusPartner: table.partners[input.focusPartner].name,
            initialisations: options.initialisations,
            costs: costs,
            isElbowClear: choice?.isClear ?? false,
            chosenK: chosen.k,
            segments: describe(members, of: input.users),
            usersWithoutEarnings: table.count - input.users.count,
            scatter: sample(input, segmentOfUser)
        )
        return (segmentation, segmentOfUser)
    }

    /// The users of each cluster, the largest cluster first (of equals the one with the earlier user).
    private static func members(of model: KMeansModel, users: [Int]) -> [[Int]] {
        var members = [[Int]](repeating: [], count: model.centres.count)
        for (point, label) in model.labels.enumerated() { members[Int(label)].append(users[point]) }
        return members.sorted { ($1.count, $0.first ?? 0) < ($0.count, $1.first ?? 0) }
    }

    private func describe(_ members: [[Int]], of all: [Int]) -> [CustomerSegment] {
        let naming = SegmentNaming(all: profile(all))
        var taken: [String: Int] = [:]
        return members.enumerated().map { index, users in
            let profile = profile(users)
            let name = naming.name(profile)
            let count = taken[name, default: 0] + 1
            taken[name] = count
            let ages = users.compactMap { table.ages[$0] }.map(Double.init)
            let size = Double(users.count)
            return CustomerSegment(
                number: index + 1,
                name: count == 1 ? name : "\(name) (\(count))",
                description: naming.description(profile),
                users: users.count,
                share: 100 * size / Double(all.count),
                earned: TokenAmount(hundredths: users.reduce(0) { $0 + table.earned[$1] }),
                spent: TokenAmount(hundredths: users.reduce(0) { $0 + table.spent[$1] }),
                meanBehaviours: Double(users.reduce(0) { $0 + Int(table.behaviours[$1]) }) / size,
                meanPrizes: Double(users.reduce(0) { $0 + Int(table.prizes[$1]) }) / size,
                meanAge: ages.isEmpty ? nil : ages.reduce(0, +) / Double(ages.count),
                fidelity: profile.fidelity.map { CustomerSegment.Fidelity(partner: $0.partner, mean: $0.mean) }
            )
        }
    }

    private func profile(_ users: [Int]) -> SegmentNaming.Profile {
        let size = Double(max(1, users.count))
        return SegmentNaming.Profile(
            earned: Double(users.reduce(0) { $0 + table.earned[$1] }) / 100 / size,
            spent: Double(users.reduce(0) { $0 + table.spent[$1] }) / 100 / size,
            fidelity: table.partners.indices.map { partner in
                let sum = users.reduce(0.0) { $0 + (table.fidelity($1, partner: partner) ?? 0) }
                return (table.partners[partner].name, sum / size)
            }
        )
    }

    /// An even sample of the segmented users, in their order (Knuth's algorithm S), from the seed.
    private func sample(_ input: SegmentationInput, _ segmentOfUser: [Int32]) -> [Segmentation.Point] {
        var random = SplitMix64(seed: options.seed, 0)
        var wanted = min(options.scatterPointsMax, input.users.count)
        var left = input.users.count
        var points: [Segmentation.Point] = []
        for user in input.users {
            defer { left -= 1 }
            guard random.nextIndex(below: left) < wanted else { continue }
            wanted -= 1
            let fidelity = table.fidelity(user, partner: input.focusPartner) ?? 0
            points.append(
                Segmentation.Point(
                    earned: TokenAmount(hundredths: table.earned[user]),
                    fidelity: (fidelity * 100).rounded() / 100,
                    segment: Int(segmentOfUser[user])
                )
            )
        }
        return points
    }
}

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

    /// - Returns: `nil` if no user earned anything.
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
        // A partner with a name comes before those without, even if it gave less.
        return totals.indices.max { left, right in
            (isNamed[left] && totals[left] > 0 ? 1 : 0, totals[left], right)
                < (isNamed[right] && totals[right] > 0 ? 1 : 0, totals[right], left)
        }
    }
}

/// Runs k-means for every k from several starts and keeps the best of each.
struct ElbowSearch: Sendable {
    /// The best model of one k, and the start that it came from.
    private struct Best: Sendable {
        let start: Int
        let model: KMeansModel

        /// The least cost wins; of equals the earlier start, not the first to finish.
        func isBetter(than other: Best) -> Bool {
            (model.cost, start) < (other.model.cost, other.start)
        }
    }

    let points: Points
    let options: AnalysisOptions
    let onProgress: @Sendable (AnalysisProgress) -> Void

    /// The best model for each k from 2 to `kMax`, in that order.
    func run() async throws(AnalysisError) -> [(k: Int, model: KMeansModel)] {
        let starts = options.initialisations
        // A run takes about as long as it has clusters.
        let progress = StageProgress(.segmenting, total: starts * (2...options.kMax).reduce(0, +), onProgress)
        let gathered = try await Workers.run(options.workers, pieces: (options.kMax - 1) * starts) {
            pieces throws(AnalysisError) in
            var best: [Int: Best] = [:]
            while let piece = pieces.next() {
                let k = options.kMax - piece / starts
                let start = piece % starts
                let model = KMeans(k: k).run(points, random: SplitMix64(seed: options.seed, k, start))
                Self.keep(Best(start: start, model: model), k, in: &best)
                progress.passed(k)
            }
            return best
        }
        var best: [Int: Best] = [:]
        for part in gathered {
            for (k, candidate) in part { Self.keep(candidate, k, in: &best) }
        }
        return (2...options.kMax).compactMap { k in best[k].map { (k, $0.model) } }
    }

    private static func keep(_ candidate: Best, _ k: Int, in best: inout [Int: Best]) {
        if let known = best[k], !candidate.isBetter(than: known) { return }
        best[k] = candidate
    }
}
