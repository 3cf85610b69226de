import Glibc
package import NIOCore

/// A file that grows at its end and is replaced as a whole when it has grown too much. Every result is checked.
///
/// Not thread-safe: its owner holds a lock around it.
package struct JournalFile: ~Copyable {
    package let path: String
    /// How long it is, and where the next bytes go.
    package private(set) var byteCount: Int
    private let calls: JournalCalls
    private var descriptor: CInt
    /// How often another file took its name, and how many of these times are on disk for certain.
    private var replacements = 0
    private var replacementsFlushed = 0

    /// Opens the file, or makes an empty one, and appends what is in it to `content`.
    package init(
        _ path: String,
        content: inout ByteBuffer,
        calls: JournalCalls = .system
    ) throws(IngestorError) {
        self.path = path
        self.calls = calls
        byteCount = 0
        descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Self.failure(path, "opened", errno) }
        byteCount = try Self.readAll(descriptor, path: path, into: &content)
    }

    /// Makes an empty file that shall take the place of the one at `path`: see ``adopt(_:)``. It has a name of its own
    /// until then, and whatever had that name, which a crash left, is gone.
    package init(toReplace path: String, calls: JournalCalls = .system) throws(IngestorError) {
        self.path = path + ".new"
        self.calls = calls
        byteCount = 0
        descriptor = Glibc.open(self.path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Self.failure(self.path, "opened", errno) }
    }

    deinit {
        // Whoever wants to know whether the bytes are on disk has called `synchronize` before.
        if descriptor >= 0 { _ = Glibc.close(descriptor) }
    }

    /// Writes `bytes` at the end. If this fails half way the file is cut back, so that the next bytes follow whole ones.
    package mutating func append(_ bytes: ByteBuffer) throws(IngestorError) {
        do throws(IngestorError) {
            try write(bytes)
        } catch {
            try cut(to: byteCount)
            throw error
        }
        byteCount += bytes.readableBytes
    }

    /// Cuts everything from `byteCount` on away.
    package mutating func cut(to byteCount: Int) throws(IngestorError) {
        try calling("cut") { calls throws(JournalCalls.Failure) in try calls.cut(descriptor, byteCount) }
        self.byteCount = byteCount
    }

    /// Returns when everything that was appended before is on disk.
    package borrowing func synchronize() throws(IngestorError) {
        try calling("flushed to disk") { calls throws(JournalCalls.Failure) in try calls.synchronize(descriptor) }
    }

    /// Puts `other`, made by ``init(toReplace:calls:)`` and brought to disk, in the place of this file. What is appended
    /// from now on goes to it; `other` is the old file afterwards.
    ///
    /// The new name is on disk after the next ``JournalFlush`` only; a power cut before it brings the old file back.
    package mutating func adopt(_ other: inout JournalFile) throws(IngestorError) {
        let (source, target) = (other.path, path)
        try other.calling("renamed to \(target)") { calls throws(JournalCalls.Failure) in
            try calls.rename(source, target)
        }
        swap(&descriptor, &other.descriptor)
        swap(&byteCount, &other.byteCount)
        replacements += 1
    }

    /// What has to be done to bring the file as it is now to disk, to be run without the owner's lock.
    package borrowing func flush() throws(IngestorError) -> JournalFlush {
        let duplicate = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard duplicate >= 0 else { throw Self.failure(path, "flushed to disk", errno) }
        return JournalFlush(
            descriptor: duplicate,
            path: path,
            calls: calls,
            replacements: replacements,
            includesName: replacements > replacementsFlushed
        )
    }

    /// A flush is done: a later one need not bring the same name to disk again.
    package mutating func flushed(replacements: Int) {
        replacementsFlushed = max(replacementsFlushed, replacements)
    }

    /// Writes a small file as a whole: another name first, to disk, then renamed.
    package static func write(
        _ content: ByteBuffer,
        atomicallyTo path: String,
        calls: JournalCalls = .system
    ) throws(IngestorError) {
        var replacement = try JournalFile(toReplace: path, calls: calls)
        try replacement.append(content)
        try replacement.synchronize()
        let source = replacement.path
        try replacement.calling("renamed to \(path)") { calls throws(JournalCalls.Failure) in
            try calls.rename(source, path)
        }
        try JournalFlush.flushName(of: path, calls)
    }

    private borrowing func write(_ bytes: ByteBuffer) throws(IngestorError) {
        var written = 0
        while written < bytes.readableBytes {
            let rest = written
            written += try calling("written") { calls throws(JournalCalls.Failure) in
                // The pointer lives as long as the call; the kernel reads no more than the count says.
                let count = try bytes.withUnsafeReadableBytes { all throws(JournalCalls.Failure) in
                    try calls.write(descriptor, UnsafeRawBufferPointer(rebasing: all[rest...]), byteCount + rest)
                }
                // A disk that takes nothing and says nothing would be asked for ever.
                if count == 0 { throw JournalCalls.Failure(number: EIO) }
                return count
            }
        }
    }

    private borrowing func calling<Result>(
        _ what: String,
        _ body: (JournalCalls) throws(JournalCalls.Failure) -> Result
    ) throws(IngestorError) -> Result {
        do throws(JournalCalls.Failure) {
            return try body(calls)
        } catch {
            throw Self.failure(path, what, error.number)
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
            guard result >= 0 else { throw failure(path, "read", errno) }
            if result == 0 { return offset }
            offset += result
        }
    }

    static func failure(_ path: String, _ what: String, _ number: CInt) -> IngestorError {
        .file(path, what, errno: String(cString: strerror(number)))
    }
}
