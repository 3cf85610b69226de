/// Why a runner ended by itself: something that only a person can mend. Its status says the same.
package struct SinkTaskRunnerFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package let connector: String
    package let task: Int
    /// What happened, where, why, and what to do next.
    package let reason: String

    package var description: String { "task \(task) of connector '\(connector)' failed: \(reason)" }
}
