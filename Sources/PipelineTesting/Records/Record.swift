package import NIOCore

/// One record, as a consumer sees it. Its bytes share the storage of the batch it was read from.
package struct Record: Sendable, Equatable {
    /// One header of a record. Keys may repeat.
    package struct Header: Sendable, Equatable {
        /// Its name; bytes that are no UTF-8 are replaced by U+FFFD.
        package var key: String
        /// Its value; `nil` is null, which differs from no bytes.
        package var value: ByteBuffer?

        package init(key: String, value: ByteBuffer?) {
            self.key = key
            self.value = value
        }
    }

    /// The place in the partition.
    package var offset: Int64
    /// Milliseconds since 1970; -1 where there is none.
    package var timestamp: Int64
    /// What records are partitioned and compacted by.
    package var key: ByteBuffer?
    /// What is recorded; `nil` is a tombstone.
    package var value: ByteBuffer?
    /// In the order of the producer.
    package var headers: [Header]

    package init(
        offset: Int64 = 0,
        timestamp: Int64,
        key: ByteBuffer?,
        value: ByteBuffer?,
        headers: [Header] = []
    ) {
        self.offset = offset
        self.timestamp = timestamp
        self.key = key
        self.value = value
        self.headers = headers
    }
}
