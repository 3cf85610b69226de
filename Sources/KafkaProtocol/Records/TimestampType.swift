/// Whose clock the timestamps of a batch are of.
package enum TimestampType: Sendable {
    /// The producer's, a time for each record.
    case createTime
    /// The log's, at the append: the batch's max timestamp holds for all of its records.
    case logAppendTime
}
