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
    /// Sum that the source knows, in hundredths of a token; `nil`: not judged, or the topic has no amounts.
    package var expectedHundredths: Int64?
    /// Sum in the files, in hundredths of a token; `nil`: the topic has no amounts.
    package var filedHundredths: Int64?
    /// Whether it is known that all agrees, or that something does not; `nil`: not judged, since records are not filed
    /// yet, or a run's numbers are not known.
    package var holds: Bool?
}
