/// What the source knows of a topic beside what the topic and the files hold.
package struct TopicTruthReport: Hashable, Sendable, Codable {
    package var topic: String
    /// Records that the source's runs know to be acknowledged.
    package var acknowledged: Int64
    /// Records of which the source never heard whether they arrived.
    package var unresolved: Int64
    /// Records in the topic, as many as offsets were given.
    package var produced: Int64
    /// Records in the topic beyond the source's: other systems send, too.
    package var foreign: Int64
    /// Users whose sums were compared.
    package var users: Int
    /// Sum that the source knows, in hundredths of a token; 0 for `utenti`.
    package var expectedHundredths: Int64
    /// Sum in the files, in hundredths of a token.
    package var filedHundredths: Int64
    package var holds: Bool
}
