/// What happens to a record that cannot be converted or transformed; decided by the stage, in this one place.
///
/// Errors of the sink itself (`SinkTaskError`) are never tolerated: a record that could not be written is written
/// again, or the task ends. Only what is wrong with the record itself can be set aside.
package enum ErrorTolerance: String, Hashable, Sendable, CaseIterable {
    /// The task ends at the first such record, which stays in the topic.
    case none
    /// The record is set aside in the dead letter queue.
    case all
}
