package import Community

/// Records a run's ground truth: the records made, minus those lost, must be those acknowledged.
///
/// Records are counted as they are made, in bulk; only the few that are lost are looked at one by one. What the broker
/// acknowledged is counted beside it, by partition. ``contradictions`` compares both: two ways to the same
/// number.
package struct TruthRecorder: Sendable {
    /// What happened to a record that was not acknowledged.
    package enum Fate: Sendable {
        /// It is certainly not in the topic.
        case rejected
        /// It may be in the topic.
        case unresolved
    }

    private var base: GroundTruth
    /// By topic: what was made, without what was lost.
    private var tallies: [TopicTally]
    /// By the number in the user's id: what was lost.
    private var rejectedByUser: [UInt32: TokenSums] = [:]
    private var unresolvedByUser: [UInt32: TokenSums] = [:]

    /// - Parameters:
    ///   - truth: the run as it begins.
    ///   - isDetailed: whether hours, kinds of bad records and digests are kept; they cost time.
    package init(_ truth: GroundTruth, isDetailed: Bool = true) {
        base = truth
        tallies = CommunityTopic.allCases.map { _ in TopicTally(isDetailed: isDetailed) }
    }

    /// Records were made and are to be sent. (They count as acknowledged until they are lost.)
    package mutating func made(_ tally: TopicTally, in topic: CommunityTopic) {
        tallies[topic.index] += tally
    }

    /// Records that have no time of their own were all sent in this hour.
    package mutating func sent(_ undated: RecordTotals, in topic: CommunityTopic, hour: Int32) {
        tallies[topic.index].date(undated, hour)
    }

    /// The broker acknowledged records.
    package mutating func acknowledged(_ count: Int, in topic: CommunityTopic, partition: Int) {
        let missing = partition + 1 - base[topic].acknowledgedByPartition.count
        if missing > 0 {
            base[topic].acknowledgedByPartition += Array(repeating: 0, count: missing)
        }
        base[topic].acknowledgedByPartition[partition] += count
    }

    /// A record that was made will not be acknowledged.
    ///
    /// - Parameter hour: when it was sent, if ``sent(_:in:hour:)`` said so.
    package mutating func lost(_ trace: RecordTrace, of topic: CommunityTopic, sentIn hour: Int32?, fate: Fate) {
        tallies[topic.index].remove(trace, sentIn: hour)
        let effect = trace.effect
        switch fate {
        case .rejected: base[topic].rejected.add(effect)
        case .unresolved: base[topic].unresolved.add(effect)
        }
        guard effect.userNumber > 0 else { return }
        switch fate {
        case .rejected: rejectedByUser[effect.userNumber, default: TokenSums()].add(effect)
        case .unresolved: unresolvedByUser[effect.userNumber, default: TokenSums()].add(effect)
        }
    }

    /// Topics where what the broker acknowledged is not what was made minus what was lost; empty in a sound program.
    package var contradictions: [String] {
        CommunityTopic.allCases.filter {
            tallies[$0.index].totals.count != base[$0].acknowledgedByPartition.reduce(0, +)
        }.map(\.name)
    }

    /// The ground truth.
    ///
    /// - Parameters:
    ///   - accounts: the generator's, after the last record that was made.
    ///   - personas: by user, in the order they joined: the index of the persona; empty where there are none.
    ///   - others: by user, in the order they joined: what the generator's records changed that are not this run's.
    package func truth(
        accounts: Accounts,
        personas: [UInt8] = [],
        without others: [TokenSums] = []
    ) -> GroundTruth {
        var truth = base
        for topic in CommunityTopic.allCases {
            truth[topic].take(tallies[topic.index])
            truth.hours += HourTruth.list(tallies[topic.index], of: topic)
        }
        truth.users.reserveCapacity(accounts.count)
        for (index, account) in accounts.all.enumerated() {
            let number = UInt32(index + 1)
            var sums = TokenSums(account)
            if index < others.count { sums -= others[index] }
            if let rejected = rejectedByUser[number] { sums -= rejected }
            if let unresolved = unresolvedByUser[number] { sums -= unresolved }
            let persona = index < personas.count ? Int(personas[index]) + 1 : nil
            if !sums.isZero || persona != nil {
                truth.users.append(
                    UserTruth(id: accounts.id(of: index).description, sums: sums, persona: persona)
                )
            }
        }
        truth.unresolvedUsers = unresolvedByUser.sorted { $0.key < $1.key }.compactMap { number, sums in
            sums.isZero ? nil : UserTruth(id: accounts.id(of: Int(number) - 1).description, sums: sums)
        }
        return truth
    }
}

extension TopicTruth {
    /// What was counted of the topic's acknowledged records.
    fileprivate mutating func take(_ tally: TopicTally) {
        acknowledged = tally.totals
        undated = tally.undated.isZero ? nil : tally.undated
        let kinds = zip(Dirt.allCases, tally.dirt).filter { !$1.isZero }
        dirt = kinds.isEmpty ? nil : kinds.map { DirtTruth(kind: $0.name, acknowledged: $1) }
        digests = tally.digests.isEmpty ? nil : tally.digests
    }
}

extension HourTruth {
    /// The hours of a topic, in order.
    fileprivate static func list(_ tally: TopicTally, of topic: CommunityTopic) -> [HourTruth] {
        tally.hours.filter { !$0.value.isZero }.sorted { $0.key < $1.key }
            .map { HourTruth(topic: topic, hour: $0.key, acknowledged: $0.value) }
    }
}
