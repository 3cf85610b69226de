import GroundTruth

/// What the source knows of a topic beside what the topic and the files hold.
package struct TopicTruthReport: Hashable, Sendable, Codable {
    package var topic: String
    /// Records that the source's runs know to be acknowledged.
    package var acknowledged: Int64
    /// Records of which the source never heard whether they arrived.
    package var unresolved: Int64
    /// Records that the topic ever gave: its offsets without those that have no record.
    package var produced: Int64
    /// Records in the topic beyond the source's: other systems send, too; `nil`: not judged, since a run died and its
    /// numbers are not known.
    package var foreign: Int64?
    /// Users whose sums were compared.
    package var users: Int
    /// Of these, users whose sums are not what the source knows.
    package var usersDiffering = 0
    /// Sum that the source knows, in hundredths of a token; `nil`: not judged, or the topic has no amounts.
    package var expectedHundredths: Int64?
    /// Sum in the files, in hundredths of a token; `nil`: the topic has no amounts.
    package var filedHundredths: Int64?
    /// Whether it is known that all agrees, or that something does not; `nil`: not judged, since records are not filed
    /// yet, or a run's numbers are not known.
    package var holds: Bool?
    /// Of the acknowledged records, those that are not JSON: they are to be set aside.
    package var broken: Int64 = 0
    /// Bad records that were acknowledged, by kind.
    package var dirt: [String: Int64]?
    /// Partitions whose lines are not those that were sent; `nil`: not judged.
    package var partitionsDiffering: Int?
    /// Hours whose counts and sums were compared; `nil`: not judged.
    package var hours: Int?
    /// Hours with others than the source knows; `nil`: not judged.
    package var hoursDiffering: Int?

    package init(
        topic: String,
        acknowledged: Int64,
        unresolved: Int64,
        produced: Int64,
        foreign: Int64?,
        users: Int,
        expectedHundredths: Int64?,
        filedHundredths: Int64?,
        holds: Bool?
    ) {
        self.topic = topic
        self.acknowledged = acknowledged
        self.unresolved = unresolved
        self.produced = produced
        self.foreign = foreign
        self.users = users
        self.expectedHundredths = expectedHundredths
        self.filedHundredths = filedHundredths
        self.holds = holds
    }

    /// - Parameter lines: `nil` where lines were not compared.
    mutating func takeDetails(_ lines: LineCheck?, _ truths: [TopicTruth]) {
        broken = truths.reduce(0) { $0 + Int64($1.acknowledged.brokenCount) }
        var kinds: [String: Int64] = [:]
        for kind in truths.compactMap(\.dirt).joined() {
            kinds[kind.kind, default: 0] += Int64(kind.acknowledged.count)
        }
        dirt = kinds.isEmpty ? nil : kinds
        partitionsDiffering = lines?.partitionsDiffering
        hours = lines?.hours
        hoursDiffering = lines?.hours == nil ? nil : lines?.hoursDiffering
    }
}
