/// What opening a partition found and did.
package struct RecoveryReport: Hashable, Sendable {
    /// Whether the log had been closed in order, so that nothing had to be read.
    package internal(set) var wasClean = true
    /// Segments and bytes that were read through.
    package internal(set) var segmentsChecked = 0
    package internal(set) var bytesChecked = 0
    /// Bytes cut off behind the last batch that is right. At the end of the log that is what a crash interrupted and
    /// nobody was told of; in front of other segments, or after a power cut, acknowledged records may be among them.
    package internal(set) var bytesCut = 0
    /// Where the log was ended, and why; `nil` where nothing was cut and no segment set aside.
    package internal(set) var reason: String?
    /// Files with segments behind a damaged place, renamed so that nothing reads them and nothing is lost. They hold
    /// acknowledged records.
    package internal(set) var setAside: [String] = []
    /// Segments whose indexes were missing or damaged and were made again.
    package internal(set) var indexesRebuilt = 0

    package init() {}
}
