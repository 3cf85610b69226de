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
    /// By the number in the user's id: what was lost.
    private var rejectedByUser: [UInt32: TokenSums] = [:]
    private var unresolvedByUser: [UInt32: TokenSums] = [:]

    /// - Parameter truth: the run as it begins.
    package init(_ truth: GroundTruth) {
        base = truth
    }

    /// Records were made and are to be sent. (They stand under `acknowledged` until they are lost.)
    package mutating func made(_ totals: RecordTotals, in topic: CommunityTopic) {
        base[topic].acknowledged += totals
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
    package mutating func lost(_ effect: EventEffect, of topic: CommunityTopic, fate: Fate) {
        var totals = RecordTotals()
        totals.add(effect)
        base[topic].acknowledged -= totals
        switch fate {
        case .rejected: base[topic].rejected += totals
        case .unresolved: base[topic].unresolved += totals
        }
        guard !effect.isTombstone else { return }
        switch fate {
        case .rejected: rejectedByUser[effect.userNumber, default: TokenSums()].add(effect)
        case .unresolved: unresolvedByUser[effect.userNumber, default: TokenSums()].add(effect)
        }
    }

    /// Topics where what the broker acknowledged is not what was made minus what was lost; empty in a sound program.
    package var contradictions: [String] {
        base.topics.filter { $0.acknowledged.count != $0.acknowledgedByPartition.reduce(0, +) }.map(\.topic)
    }

    /// The ground truth.
    ///
    /// - Parameters:
    ///   - accounts: the generator's, after the last record that was made.
    ///   - others: by user, in the order they joined: what the generator's records changed that are not this run's.
    package func truth(accounts: Accounts, without others: [TokenSums] = []) -> GroundTruth {
        var truth = base
        truth.users.reserveCapacity(accounts.count)
        for (index, account) in accounts.all.enumerated() {
            let number = UInt32(index + 1)
            var sums = TokenSums(account)
            if index < others.count { sums -= others[index] }
            if let rejected = rejectedByUser[number] { sums -= rejected }
            if let unresolved = unresolvedByUser[number] { sums -= unresolved }
            if !sums.isZero {
                truth.users.append(UserTruth(id: accounts.id(of: index).description, sums: sums))
            }
        }
        truth.unresolvedUsers = unresolvedByUser.sorted { $0.key < $1.key }.compactMap { number, sums in
            sums.isZero ? nil : UserTruth(id: accounts.id(of: Int(number) - 1).description, sums: sums)
        }
        return truth
    }
}
