import Community
package import GroundTruth

/// A run's result as numbers, for scripts (`--json`) and as the base of what a person reads.
package struct SourceReport: Codable, Equatable, Sendable {
    /// Milliseconds that the given part of the acknowledged records waited at most.
    package struct Latency: Codable, Equatable, Sendable {
        package let p50: Double
        package let p99: Double
        package let p999: Double
    }

    package let run: String
    package let outcome: GroundTruth.Outcome
    /// What went wrong; not there where nothing did.
    package let failure: String?
    package let acknowledged: Int
    /// Of them, without a value.
    package let tombstones: Int
    /// Nobody knows whether they arrived.
    package let unresolved: Int
    /// They did not arrive.
    package let rejected: Int
    /// Acknowledged records by topic.
    package let topics: [String: Int]
    package let elapsedSeconds: Double
    package let recordsPerSecond: Double
    /// Not there where nothing was acknowledged.
    package let acknowledgementMilliseconds: Latency?
    /// The file of the ground truth; not there where none was written.
    package let truth: String?

    package init(_ result: SourceResult) {
        let truth = result.truth
        run = truth.run
        outcome = truth.outcome
        failure = truth.failure
        acknowledged = truth.acknowledgedCount
        tombstones = truth.topics.reduce(0) { $0 + $1.acknowledged.tombstoneCount }
        unresolved = truth.unresolvedCount
        rejected = truth.rejectedCount
        topics = Dictionary(uniqueKeysWithValues: truth.topics.map { ($0.topic, $0.acknowledged.count) })
        elapsedSeconds = result.elapsed.inSeconds
        recordsPerSecond = result.recordsPerSecond
        if let p50 = result.latency.percentile(50), let p99 = result.latency.percentile(99),
            let p999 = result.latency.percentile(99.9)
        {
            acknowledgementMilliseconds = Latency(
                p50: p50.inSeconds * 1_000,
                p99: p99.inSeconds * 1_000,
                p999: p999.inSeconds * 1_000
            )
        } else {
            acknowledgementMilliseconds = nil
        }
        self.truth = result.truthPath
    }
}
