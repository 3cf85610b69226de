import Glibc
package import NIOCore

/// A file that grows at its end and is replaced as a whole when it has grown too much. Every result is checked.
///
/// Not thread-safe: its owner holds a lock around it.
package struct JournalFile: ~Copyable {
    package let path: String
    /// How long it is, and where the next bytes go.
    package private(set) var byteCount: Int
    private var descriptor: CInt

    /// Opens the file, or makes an empty one, and appends what is in it to `content`.
    package init(_ path: String, content: inout ByteBuffer) throws(IngestorError) {
        descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        self.path = path
        byteCount = 0
        guard descriptor >= 0 else { throw Self.failure(path, "opened") }
        byteCount = try Self.readAll(descriptor, path: path, into: &content)
    }

    deinit {
        // Whoever wants to know whether the bytes are on disk has called `flush` before.
        if descriptor >= 0 { _ = Glibc.close(descriptor) }
    }

    /// Writes `bytes` at the end. If this fails half way the file is cut back, so that the next bytes follow whole ones.
    package mutating func append(_ bytes: ByteBuffer) throws(IngestorError) {
        do throws(IngestorError) {
            try Self.write(bytes, to: descriptor, at: byteCount, path: path)
        } catch {
            try cut(to: byteCount)
            throw error
        }
        byteCount += bytes.readableBytes
    }

    /// Cuts everything from `byteCount` on away.
    package mutating func cut(to byteCount: Int) throws(IngestorError) {
        guard ftruncate(descriptor, byteCount) == 0 else { throw Self.failure(path, "cut") }
        self.byteCount = byteCount
    }

    /// Another descriptor of the same file, for ``flush(_:path:)`` without the owner's lock; that call closes it.
    package borrowing func descriptorToFlush() throws(IngestorError) -> CInt {
        let duplicate = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard duplicate >= 0 else { throw Self.failure(path, "flushed to disk") }
        return duplicate
    }

    /// Returns when everything that was appended before is on disk.
    package static func flush(_ descriptor: CInt, path: String) throws(IngestorError) {
        let flushed = fdatasync(descriptor)
        let reason = errno
        _ = Glibc.close(descriptor)
        guard flushed == 0 else { throw failure(path, "flushed to disk", number: reason) }
    }

    /// Puts `content` in the place of the file, all or nothing: it is on disk before it has the file's name.
    package mutating func replace(with content: ByteBuffer) throws(IngestorError) {
        let replacement = try Self.writeAtomically(content, to: path)
        _ = Glibc.close(descriptor)
        descriptor = replacement
        byteCount = content.readableBytes
    }

    /// Writes a small file as a whole: another name first, to disk, then renamed.
    package static func write(_ content: ByteBuffer, atomicallyTo path: String) throws(IngestorError) {
        let descriptor = try writeAtomically(content, to: path)
        guard Glibc.close(descriptor) == 0 else { throw failure(path, "closed") }
    }

    private static func writeAtomically(_ content: ByteBuffer, to path: String) throws(IngestorError) -> CInt {
        let temporary = path + ".new"
        let descriptor = Glibc.open(temporary, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure(temporary, "opened") }
        do throws(IngestorError) {
            try write(content, to: descriptor, at: 0, path: temporary)
            guard fsync(descriptor) == 0 else { throw failure(temporary, "flushed to disk") }
            guard rename(temporary, path) == 0 else { throw failure(temporary, "renamed to \(path)") }
            try flushDirectory(of: path)
        } catch {
            _ = Glibc.close(descriptor)
            throw error
        }
        return descriptor
    }

    private static func flushDirectory(of path: String) throws(IngestorError) {
        let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let descriptor = Glibc.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(directory, "opened") }
        let flushed = fsync(descriptor)
        let reason = errno
        _ = Glibc.close(descriptor)
        guard flushed == 0 else { throw failure(directory, "flushed to disk", number: reason) }
    }

    private static func write(
        _ bytes: ByteBuffer,
        to descriptor: CInt,
        at offset: Int,
        path: String
    ) throws(IngestorError) {
        var written = 0
        while written < bytes.readableBytes {
            // The pointer lives as long as the call; the kernel reads no more than the count says.
            let count = bytes.withUnsafeReadableBytes { all in
                pwrite(descriptor, all.baseAddress.map { $0 + written }, all.count - written, offset + written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure(path, "written") }
            written += count
        }
    }

    private static func readAll(
        _ descriptor: CInt,
        path: String,
        into content: inout ByteBuffer
    ) throws(IngestorError) -> Int {
        var offset = 0
        while true {
            // The kernel writes no more than the count says, into space that is the buffer's own for the call.
            var result = 0
            content.writeWithUnsafeMutableBytes(minimumWritableBytes: 64 * 1024) { space in
                result = pread(descriptor, space.baseAddress, space.count, offset)
                return max(0, result)
            }
            if result < 0, errno == EINTR { continue }
            guard result >= 0 else { throw failure(path, "read") }
            if result == 0 { return offset }
            offset += result
        }
    }

    private static func failure(_ path: String, _ what: String, number: CInt = errno) -> IngestorError {
        .file(path, what, errno: String(cString: strerror(number)))
    }
}
