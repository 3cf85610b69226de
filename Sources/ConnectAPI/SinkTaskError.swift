package import KafkaTopics

/// Why a task could not do what it was asked, and what the worker has to do about it.
package struct SinkTaskError: Error, Sendable, CustomStringConvertible {
    /// What helps.
    package struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Value: String {
            case retriable
            case fenced
            case permanent
        }

        private let value: Value

        private init(_ value: Value) {
            self.value = value
        }

        /// Time: the file system or the network is out of reach. The worker waits and opens the partitions again.
        package static let retriable = Code(.retriable)
        /// Another writer took the partition over. The worker opens it again if the group still gives it to this one.
        package static let fenced = Code(.fenced)
        /// A person: configuration, permissions, a broken invariant. The task ends, and says so in its status.
        package static let permanent = Code(.permanent)

        package var description: String { value.rawValue }
    }

    package let code: Code

    /// The partitions concerned; empty: all that the task has open.
    package let partitions: [TopicPartition]

    /// What happened, where, why, and what to do next, for a person. Without record contents.
    package let message: String

    /// What it came from.
    package let underlying: (any Error)?

    package init(_ code: Code, _ message: String, partitions: [TopicPartition] = [], underlying: (any Error)? = nil) {
        self.code = code
        self.partitions = partitions
        self.message = message
        self.underlying = underlying
    }

    package var description: String {
        let places = partitions.map(\.description).joined(separator: ", ")
        let cause = underlying.map { " (\($0))" } ?? ""
        return places.isEmpty ? "\(message)\(cause)" : "\(places): \(message)\(cause)"
    }
}
