package import SystemPackage

/// What opening a partition found and did.
package struct RecoveryReport: Hashable, Sendable {
    /// Whether the log had been closed in order, so that nothing had to be read.
    package internal(set) var wasClean = true
    /// Segments and bytes that were read through.
    package internal(set) var segmentsChecked = 0
    package internal(set) var bytesChecked = 0
    /// Bytes of a write that was interrupted, cut off at the end of the log. They were never acknowledged.
    package internal(set) var bytesCut = 0
    /// Places that were damaged. What was there is set aside; what is behind is kept.
    package internal(set) var damages: [LogDamage] = []
    /// Offsets that had records and have none any more, or that may have had: they are not given again.
    package internal(set) var gaps: [Range<Int64>] = []
    /// Whether the directory, or all segments in it, were gone. The log begins where its offsets may have ended.
    package internal(set) var wasMissing = false
    /// A state file that was damaged, and where it is now.
    package internal(set) var checkpointSetAside: FilePath?
    /// Segments before the start of the log that could not be deleted. They are not served.
    package internal(set) var undeleted: [FilePath] = []
    /// Segments whose indexes were missing or damaged and were made again.
    package internal(set) var indexesRebuilt = 0

    package init() {}

    /// Whether records may be gone that were acknowledged.
    package var hasLoss: Bool { wasMissing || !gaps.isEmpty || damages.contains { $0.setAside != nil } }
}
