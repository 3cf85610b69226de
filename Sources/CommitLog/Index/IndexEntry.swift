import NIOCore

/// One entry of fixed size in a ``SparseIndex``.
protocol IndexEntry: Sendable {
    static var byteCount: Int { get }

    /// Reads an entry; `nil` where there are fewer bytes.
    init?(reading buffer: inout ByteBuffer)
    func write(to buffer: inout ByteBuffer)
}
