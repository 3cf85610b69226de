internal import Foundation

/// Writes a file whole or not at all, in pieces.
///
/// The bytes go to `<path>.tmp`, are flushed to the disk, and only then get their name; the name itself is flushed with
/// the directory. A crash leaves the old file or the new one, and at worst a `.tmp` that nobody reads and the next
/// write replaces.
struct DurableFile: ~Copyable {
    /// Bytes that are gathered before they are written.
    private static let bufferBytes = 1 << 16

    private let path: String
    private let temporaryPath: String
    private var descriptor: Int32
    private var buffer: [UInt8] = []
    private var isFinished = false

    /// Begins to write.
    init(path: String) throws(GroundTruthError) {
        self.path = path
        temporaryPath = path + ".tmp"
        descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            // Nothing was created, so nothing is to be cleared away.
            isFinished = true
            throw Self.failure(path, "created")
        }
        buffer.reserveCapacity(2 * Self.bufferBytes)
    }

    deinit {
        guard !isFinished else { return }
        // Somebody gave up halfway. Whatever these return, the temporary file is not used.
        if descriptor >= 0 { _ = close(descriptor) }
        _ = unlink(temporaryPath)
    }

    /// Puts bytes at the end.
    mutating func append(_ bytes: some Sequence<UInt8>) throws(GroundTruthError) {
        buffer.append(contentsOf: bytes)
        if buffer.count >= Self.bufferBytes { try flush() }
    }

    /// Gives the file its name. Nothing can be appended then.
    mutating func finish() throws(GroundTruthError) {
        try flush()
        guard fsync(descriptor) == 0 else { throw Self.failure(path, "flushed") }
        let closing = descriptor
        descriptor = -1
        guard close(closing) == 0 else { throw Self.failure(path, "closed") }
        guard rename(temporaryPath, path) == 0 else { throw Self.failure(path, "renamed") }
        isFinished = true
        try Self.flushDirectory(of: path)
    }

    private mutating func flush() throws(GroundTruthError) {
        var done = 0
        while done < buffer.count {
            // The pointer is used within the call alone: write(2) takes nothing else.
            let written = buffer.withUnsafeBytes { bytes in
                write(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done)
            }
            if written < 0 {
                if errno == EINTR { continue }
                throw Self.failure(path, "written")
            }
            done += written
        }
        buffer.removeAll(keepingCapacity: true)
    }

    private static func flushDirectory(of path: String) throws(GroundTruthError) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        let directory = parts.isEmpty ? "." : parts == [""] ? "/" : parts.joined(separator: "/")
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path, "flushed with its directory") }
        let flushed = fsync(descriptor)
        let reason = errno
        guard close(descriptor) == 0 else { throw failure(path, "flushed with its directory") }
        guard flushed == 0 else { throw failure(path, "flushed with its directory", errorNumber: reason) }
    }

    private static func failure(_ path: String, _ verb: String, errorNumber: Int32 = errno) -> GroundTruthError {
        .file(path, cannotBe: verb, because: String(cString: strerror(errorNumber)))
    }
}
