import Analysis
import Community
import ExactValues

/// Finds the segments of customers: clusters, chooses k, describes.
struct Segmenter: Sendable {
    let table: FeatureTable
    let options: AnalysisOptions
    let onProgress: @Sendable (AnalysisProgress) -> Void

    /// - Returns: the segmentation and the number of each user's segment (0 is none); `nil` where nobody earned.
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
            segments: describe(members, everybody: input.users),
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

    private func describe(_ members: [[Int]], everybody: [Int]) -> [CustomerSegment] {
        let naming = SegmentNaming(everybody: profile(everybody))
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
                share: 100 * size / Double(everybody.count),
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
