/// What earlier runs sent of a sequence of records: a run that goes on passes over it.
package struct SentRecords: Equatable, Sendable {
    /// Records below this place of the sequence, counted from 0, are not sent again: earlier runs settled them.
    package var producedCount: Int
    /// By topic, in the order of `CommunityTopic.allCases`, then by partition: how many records are in it, those below
    /// `producedCount` included. Empty where none are beyond that place.
    package var countsByPartition: [[Int]]

    package init(producedCount: Int = 0, countsByPartition: [[Int]] = []) {
        self.producedCount = producedCount
        self.countsByPartition = countsByPartition
    }

    /// How many records are in all partitions.
    var count: Int { countsByPartition.joined().reduce(0, +) }
}
