import Glibc

/// The calls by which the bytes and the name of a journal reach the disk: the seam where tests let a disk fail.
package struct JournalCalls: Sendable {
    /// What a call failed with.
    package struct Failure: Error, Sendable {
        /// The operating system's error number.
        package let number: CInt

        package init(number: CInt) { self.number = number }
    }

    /// Writes bytes at a position; returns how many were written, which may be fewer than given.
    package var write: @Sendable (CInt, UnsafeRawBufferPointer, Int) throws(Failure) -> Int
    /// Gives a file another length.
    package var cut: @Sendable (CInt, Int) throws(Failure) -> Void
    /// Forces a file, or the names in a directory, to the device.
    package var synchronize: @Sendable (CInt) throws(Failure) -> Void
    /// Gives a file the name of another one, whose place it takes.
    package var rename: @Sendable (String, String) throws(Failure) -> Void

    /// Those of the operating system.
    package static let system = JournalCalls(
        write: { descriptor, bytes, position throws(Failure) in
            while true {
                let count = pwrite(descriptor, bytes.baseAddress, bytes.count, position)
                if count >= 0 { return count }
                if errno != EINTR { throw Failure(number: errno) }
            }
        },
        cut: { descriptor, byteCount throws(Failure) in
            if ftruncate(descriptor, byteCount) != 0 { throw Failure(number: errno) }
        },
        synchronize: { descriptor throws(Failure) in
            if fdatasync(descriptor) != 0 { throw Failure(number: errno) }
        },
        rename: { path, target throws(Failure) in
            if Glibc.rename(path, target) != 0 { throw Failure(number: errno) }
        }
    )
}
