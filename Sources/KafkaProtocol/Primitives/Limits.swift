/// What this module accepts from the wire at most. Each bound has its name here.
package enum Limits {
    /// The longest frame (a request or a response without its length prefix) that is accepted unless the owner of
    /// the connection chooses another limit: 100 MiB, Kafka's `socket.request.max.bytes`.
    package static let frameByteCountMax = 100 * 1024 * 1024

    /// The longest string, in bytes of UTF-8: the most that the classic form's length can express.
    /// The flexible form has the same limit.
    package static let stringByteCountMax = Int(Int16.max)

    /// The most elements that all arrays of one message may have together.
    ///
    /// An element of a byte or two on the wire becomes tens of bytes in memory: this bounds what a small message can
    /// make its reader allocate.
    package static let elementsPerMessageMax = 100_000

    /// How many elements an array reserves room for before any of them was read.
    package static let elementsReservedMax = 64

    /// The most headers of one record.
    package static let headersPerRecordMax = 10_000
}
