/// The attribute bits of a record batch; see ``RecordBatchHeader``.
package struct RecordBatchAttributes: RawRepresentable, Sendable, Hashable {
    package var rawValue: Int16

    package init(rawValue: Int16) { self.rawValue = rawValue }

    package init(
        codec: CompressionCodec = .none,
        timestampType: TimestampType = .createTime,
        isTransactional: Bool = false,
        isControl: Bool = false
    ) {
        rawValue =
            codec.rawValue | (timestampType == .logAppendTime ? 0x08 : 0) | (isTransactional ? 0x10 : 0)
            | (isControl ? 0x20 : 0)
    }

    /// What the records are compressed with; `nil` where the number is none of Kafka's codecs.
    package var codec: CompressionCodec? { CompressionCodec(rawValue: rawValue & 0x07) }
    /// Whose clock the timestamps are of.
    package var timestampType: TimestampType { rawValue & 0x08 == 0 ? .createTime : .logAppendTime }
    /// Whether the batch is part of a transaction.
    package var isTransactional: Bool { rawValue & 0x10 != 0 }
    /// Whether the batch holds a marker of a transaction's end, which consumers do not see.
    package var isControl: Bool { rawValue & 0x20 != 0 }
}

/// What the records of a batch are compressed with, with its number in the batch's attributes.
package enum CompressionCodec: Int16, Sendable, CaseIterable {
    case none = 0
    case gzip = 1
    case snappy = 2
    case lz4 = 3
    case zstd = 4
}

/// Whose clock the timestamps of a batch are of.
package enum TimestampType: Sendable {
    /// The producer's, a time for each record.
    case createTime
    /// The log's, at the append: the batch's max timestamp holds for all of its records.
    case logAppendTime
}
