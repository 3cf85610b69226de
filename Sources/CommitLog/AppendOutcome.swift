/// What became of a batch given to ``PartitionLog/append(batch:now:)``.
package enum AppendOutcome: Hashable, Sendable {
    /// It is in the log, with these offsets.
    case appended(baseOffset: Int64, lastOffset: Int64)
    /// The same batch of the same producer was in the log already, with these offsets: it is to be acknowledged again.
    case duplicate(baseOffset: Int64, lastOffset: Int64)

    /// The offset of the batch's first record.
    package var baseOffset: Int64 {
        switch self {
        case .appended(let offset, _), .duplicate(let offset, _): offset
        }
    }

    /// The offset of the batch's last record.
    package var lastOffset: Int64 {
        switch self {
        case .appended(_, let offset), .duplicate(_, let offset): offset
        }
    }
}
