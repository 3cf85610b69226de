import Community
import Files
import GroundTruth
import KafkaClient

/// Why a run of the source failed.
package struct DataSourceError: Error, Equatable, CustomStringConvertible {
    /// The kind of a failure.
    package enum Code: Equatable, Sendable {
        /// What was asked for is not possible.
        case badConfiguration
        /// The cluster cannot be reached, or does not know a topic.
        case cluster
        /// A record was refused, or not acknowledged in time.
        case notAcknowledged
        /// The ground truth could not be written.
        case groundTruth
        /// A row of metrics could not be written.
        case metrics
    }

    package let code: Code
    /// What failed, where, why, and what to do next.
    package let description: String

    static func badConfiguration(_ problem: String) -> DataSourceError {
        DataSourceError(code: .badConfiguration, description: "cannot start the source: \(problem)")
    }

    static func cluster(_ error: KafkaClientError) -> DataSourceError {
        DataSourceError(code: .cluster, description: error.description)
    }

    static func missingTopic(_ topic: String, bootstrap: [String]) -> DataSourceError {
        DataSourceError(
            code: .cluster,
            description: "the cluster at \(bootstrap.joined(separator: ",")) has no topic '\(topic)'; "
                + "create it with `hera topics create \(topic) --partitions 2`"
        )
    }

    static func notAcknowledged(_ error: KafkaClientError, count: Int) -> DataSourceError {
        let records = count == 1 ? "1 record was" : "\(count) records were"
        return DataSourceError(
            code: .notAcknowledged,
            description: "\(records) not acknowledged: \(error.description)"
        )
    }

    static func groundTruth(_ error: GroundTruthError) -> DataSourceError {
        DataSourceError(code: .groundTruth, description: error.description)
    }

    static func metrics(_ error: FileError) -> DataSourceError {
        DataSourceError(code: .metrics, description: "cannot keep the metrics: \(error.description)")
    }

    static func truthTopic(_ topic: String, because error: any Error) -> DataSourceError {
        DataSourceError(
            code: .groundTruth,
            description: "the ground truth could not be written to the topic '\(topic)': \(error)"
        )
    }

    static func contradiction(in topic: String) -> DataSourceError {
        DataSourceError(
            code: .groundTruth,
            description: "what the broker acknowledged in '\(topic)' is not what was sent to it: the ground truth of "
                + "this run cannot be relied on; this is a defect of the source, please report it"
        )
    }
}
