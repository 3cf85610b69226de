import Files
import Synchronization

extension PartitionLog {
    /// The first record with the greatest timestamp of all (KIP-734), as ``offset(forTimestamp:)`` finds it.
    ///
    /// - Returns: `nil` where the log is empty.
    package func offsetOfLargestTimestamp() throws(LogError) -> TimestampedOffset? {
        let segments = try state.withLock { state throws(LogError) in
            try state.requireOpen()
            return state.segments
        }
        var largest: Int64?
        for segment in segments where segment.size > 0 {
            do throws(FileError) {
                largest = max(largest ?? .min, try segment.largestTimestamp())
            } catch {
                guard segment.isGone else { throw LogError(error) }
            }
        }
        guard let largest else { return nil }
        return try offset(forTimestamp: largest)
    }
}
