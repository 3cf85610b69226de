package import SystemPackage

/// What was found when the committed offsets were read again.
package struct OffsetRecovery: Sendable, Equatable {
    /// Groups that have offsets.
    package var groups: Int
    /// Bytes of an entry that was being written when the process died; they are cut away.
    package var bytesCut: Int
    /// Damaged bytes with entries behind them, or that no write left so; they are kept in ``damagedPath``.
    package var bytesDamaged: Int
    package var damagedPath: FilePath?

    package init(groups: Int, bytesCut: Int, bytesDamaged: Int = 0, damagedPath: FilePath? = nil) {
        self.groups = groups
        self.bytesCut = bytesCut
        self.bytesDamaged = bytesDamaged
        self.damagedPath = damagedPath
    }
}
