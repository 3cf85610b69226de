import Glibc

/// The calls by which a log's bytes reach the device: the seam where tests let a disk fail.
package struct DiskCalls: Sendable {
    /// Writes `head` and then `body` at `position` in one call; returns how many bytes were written, which may be fewer
    /// than given, or throws.
    package var write:
        @Sendable (
            _ descriptor: Int32, _ head: UnsafeRawBufferPointer, _ body: UnsafeRawBufferPointer, _ position: Int
        ) throws(DiskFailure) -> Int
    /// Forces the bytes of a file to the device.
    package var synchronize: @Sendable (_ descriptor: Int32) throws(DiskFailure) -> Void

    /// Those of the operating system.
    package static let system = DiskCalls(
        write: { descriptor, head, body, position throws(DiskFailure) in
            // pwritev reads through these pointers only, although iovec has them mutable.
            let parts = (
                iovec(iov_base: UnsafeMutableRawPointer(mutating: head.baseAddress), iov_len: head.count),
                iovec(iov_base: UnsafeMutableRawPointer(mutating: body.baseAddress), iov_len: body.count)
            )
            while true {
                let count = withUnsafeBytes(of: parts) { parts in
                    pwritev(descriptor, parts.assumingMemoryBound(to: iovec.self).baseAddress, 2, position)
                }
                if count >= 0 { return count }
                if errno != EINTR { throw DiskFailure(number: errno) }
            }
        },
        synchronize: { descriptor throws(DiskFailure) in
            while true {
                if fdatasync(descriptor) == 0 { return }
                if errno != EINTR { throw DiskFailure(number: errno) }
            }
        }
    )
}
