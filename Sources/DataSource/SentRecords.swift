import Community

/// What earlier runs sent of a sequence of records: a run that goes on passes over it.
package struct SentRecords: Equatable, Sendable {
    /// Records below this place of the sequence, counted from 0, are not sent again: earlier runs settled them.
    package var producedCount: Int
    /// By topic, in the order of `CommunityTopic.allCases`: the place from which on its records went to the topic that is
    /// there now; those before went to one of the same name that was deleted.
    package var firstPlaces: [Int]
    /// By topic, then by partition: how many records are in it, those below `producedCount` included. Empty where none
    /// are beyond that place.
    package var countsByPartition: [[Int]]
    /// The runs that crashed, so that only `countsByPartition` tells what they sent. The ground truth of a run that has
    /// passed over all of it names them.
    package var crashedRuns: [String]

    package init(
        producedCount: Int = 0,
        firstPlaces: [Int] = CommunityTopic.allCases.map { _ in 0 },
        countsByPartition: [[Int]] = [],
        crashedRuns: [String] = []
    ) {
        self.firstPlaces = firstPlaces
        self.producedCount = producedCount
        self.countsByPartition = countsByPartition
        self.crashedRuns = crashedRuns
    }

    /// How many records are in all partitions.
    var count: Int { countsByPartition.joined().reduce(0, +) }
}
