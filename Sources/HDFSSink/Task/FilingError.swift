import CommitLedger
import ConnectAPI
import KafkaTopics
import Storage

/// Why a partition cannot be filed on.
enum FilingError: Error {
    case storage(StorageError)
    case protocolStopped(CommitProtocol.Problem)
    case fenced
    case outOfPlace(expected: Int64, got: Int64)
}

extension FilingError {
    /// What the worker is told.
    func taskError(_ partition: TopicPartition) -> SinkTaskError {
        switch self {
        case .storage(let error):
            SinkTaskError(
                error.isRetriable ? .retriable : .permanent,
                error.description,
                partitions: [partition],
                underlying: nil
            )
        case .protocolStopped(let problem):
            SinkTaskError(problem.isRetriable ? .retriable : .permanent, problem.description, partitions: [partition])
        case .fenced:
            SinkTaskError(
                .fenced,
                "another writer took the partition over; what was not filed is left to it",
                partitions: [partition]
            )
        case .outOfPlace(let expected, let got):
            SinkTaskError(
                .permanent,
                "records from offset \(got) came where offset \(expected) is next; restart the task",
                partitions: [partition]
            )
        }
    }
}
