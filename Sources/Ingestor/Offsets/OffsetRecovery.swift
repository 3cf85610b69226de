/// What was found when the committed offsets were read again.
package struct OffsetRecovery: Sendable, Equatable {
    /// Groups that have offsets.
    package var groups: Int
    /// Bytes of an entry that was being written when the process died; they are cut away.
    package var bytesCut: Int

    package init(groups: Int, bytesCut: Int) {
        self.groups = groups
        self.bytesCut = bytesCut
    }
}
