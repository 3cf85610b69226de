import Community
package import GroundTruth

/// What a run did.
package struct SourceResult: Sendable {
    /// What is in the topics now.
    package let truth: GroundTruth
    /// The file of the ground truth; `nil` where none was written.
    package let truthPath: String?
    /// From the beginning, with the time for records that were passed over, to the last acknowledgement.
    package let elapsed: Duration
    package let latency: AcknowledgementLatency
    /// What went wrong; `nil`: nothing.
    package let failure: DataSourceError?

    /// Acknowledged records per second.
    package var recordsPerSecond: Double {
        let seconds = elapsed.inSeconds
        return seconds > 0 ? Double(truth.acknowledgedCount) / seconds : 0
    }
}
