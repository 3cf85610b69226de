import Community
import GroundTruth

/// Tells the records of the sequence that earlier runs sent from those that are still to be sent. Pure.
///
/// In one partition the records of the sequence stand in its order, without a hole and each once: one idempotent
/// producer writes them. So the first of them are there already, as many as the partition has records. Records of
/// others in the partition count with them, and then as many of the sequence are left out; none is sent twice. Records
/// from before the topic was deleted and made again are not looked for in it. Where records were lost otherwise (a damaged
/// segment was set aside), fewer are counted than were sent, and the last ones that a crashed run sent are sent again.
struct PassedRecords: Sendable {
    private let producedCount: Int
    private let firstPlaces: [Int]
    /// By topic and partition: how many records of it are not yet met in the sequence.
    private var countsLeft: [[Int]]
    /// How many these are in all.
    private(set) var countLeft: Int
    /// How many records are passed over.
    private(set) var count = 0
    /// By user, in the order they joined: what the records that are passed over changed.
    private var sums: [TokenSums] = []

    init(_ sent: SentRecords) {
        producedCount = sent.producedCount
        firstPlaces = sent.firstPlaces
        countsLeft = sent.countsByPartition
        countLeft = sent.count
    }

    /// Whether all records from `place` on are still to be sent.
    func isOver(at place: Int) -> Bool { countLeft == 0 && place >= producedCount }

    /// Passes over the record at `place`; `false`: it is still to be sent.
    ///
    /// - Parameter partition: where the record belongs; `nil` where `countLeft` is 0, since it does not matter then.
    mutating func pass(_ event: CommunityEvent, at place: Int, in partition: Int?) -> Bool {
        let isThere = place >= firstPlaces[event.topic.index] && (partition.map { meet(in: event.topic, $0) } ?? false)
        guard isThere || place < producedCount else { return false }
        count += 1
        Self.add(event.effect, to: &sums)
        return true
    }

    private mutating func meet(in topic: CommunityTopic, _ partition: Int) -> Bool {
        guard countsLeft[topic.index].indices.contains(partition), countsLeft[topic.index][partition] > 0 else {
            return false
        }
        countsLeft[topic.index][partition] -= 1
        countLeft -= 1
        return true
    }

    /// By user, in the order they joined: what the records that are passed over changed, and what `event` changes.
    func sums(with event: CommunityEvent?) -> [TokenSums] {
        var sums = sums
        if let event { Self.add(event.effect, to: &sums) }
        return sums
    }

    private static func add(_ effect: EventEffect, to sums: inout [TokenSums]) {
        guard !effect.isTombstone else { return }
        let missing = Int(effect.userNumber) - sums.count
        if missing > 0 { sums += Array(repeating: TokenSums(), count: missing) }
        sums[Int(effect.userNumber) - 1].add(effect)
    }
}
