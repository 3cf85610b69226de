package import KafkaProtocol

/// A batch in a segment, and where it is.
package struct StoredBatch: Sendable {
    package let header: RecordBatchHeader
    /// Where it begins in the segment's file.
    package let position: Int

    /// Where it ends.
    package var end: Int { position + header.totalByteCount }
}
