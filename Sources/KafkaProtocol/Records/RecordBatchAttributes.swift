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
