/// What opening a partition found and did.
package struct RecoveryReport: Hashable, Sendable {
    /// Whether the log had been closed in order, so that nothing had to be read.
    package internal(set) var wasClean = true
    /// Segments and bytes that were read through.
    package internal(set) var segmentsChecked = 0
    package internal(set) var bytesChecked = 0
    /// Bytes cut off the end because they were no whole batch: what a crash interrupted, never acknowledged.
    package internal(set) var bytesCut = 0
    /// What was wrong with them, and in which file; `nil` where nothing was cut.
    package internal(set) var reason: String?
    /// Files with segments behind a damaged place, renamed so that nothing reads them and nothing is lost.
    package internal(set) var setAside: [String] = []
    /// Segments whose indexes were missing or damaged and were made again.
    package internal(set) var indexesRebuilt = 0

    package init() {}
}
