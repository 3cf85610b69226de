package import KafkaTopics

/// Why a task could not do what it was asked, and what the runner has to do about it.
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

        /// Time: the file system or the network is out of reach. The runner waits and opens the partitions again.
        package static let retriable = Code(.retriable)
        /// Another writer took the partition over. The runner opens it again if the group still gives it to this one.
        package static let fenced = Code(.fenced)
        /// A person: configuration, a damaged file, a log that was replaced. The partitions count as failed, and are
        /// opened again from time to time, since the person may have acted.
        package static let permanent = Code(.permanent)

        package var description: String { value.rawValue }
    }

    package let code: Code

    /// The partitions concerned; empty: all that the task has open.
    package let partitions: [TopicPartition]

    /// What happened, where, why, and what to do next. Without record contents.
    package let message: String

    /// What it came from.
    package let underlying: (any Error)?

    private let united: [SinkTaskError]

    /// The errors of single partitions, each with its own code and message; an error that unites none is its only part.
    package var parts: [SinkTaskError] { united.isEmpty ? [self] : united }

    package init(_ code: Code, _ message: String, partitions: [TopicPartition] = [], underlying: (any Error)? = nil) {
        self.code = code
        self.partitions = partitions
        self.message = message
        self.underlying = underlying
        united = []
    }

    /// The errors of several partitions as one; `nil` where there are none. The runner treats each of the `parts` by
    /// itself; the code of the whole is for logs.
    package init?(uniting errors: [SinkTaskError]) {
        guard let first = errors.first else { return nil }
        guard errors.count > 1 else {
            self = first
            return
        }
        let codes = Set(errors.map(\.code))
        code = codes.contains(.permanent) ? .permanent : codes == [.fenced] ? .fenced : .retriable
        var messages: [String] = []
        for error in errors where !messages.contains(error.message) { messages.append(error.message) }
        message = messages.joined(separator: "; ")
        partitions = errors.flatMap(\.partitions).sorted()
        underlying = errors.lazy.compactMap(\.underlying).first
        united = errors
    }

    package var description: String {
        let places = partitions.map(\.description).joined(separator: ", ")
        let cause = underlying.map { " (\($0))" } ?? ""
        return places.isEmpty ? "\(message)\(cause)" : "\(places): \(message)\(cause)"
    }
}
