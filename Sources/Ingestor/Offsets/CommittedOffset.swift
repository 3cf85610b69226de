/// How far a group has come in one partition.
package struct CommittedOffset: Sendable, Equatable {
    /// The offset of the next record to read.
    package var offset: Int64
    /// The leader epoch of the last record read, -1 where the client did not say.
    package var leaderEpoch: Int32
    /// The client's note.
    package var metadata: String

    package init(offset: Int64, leaderEpoch: Int32 = -1, metadata: String = "") {
        self.offset = offset
        self.leaderEpoch = leaderEpoch
        self.metadata = metadata
    }
}
