import Glibc

/// Brings a ``JournalFile`` to disk as it was when ``JournalFile/flush()`` was asked: its bytes, and its name where another
/// file had it before. It needs no lock, so nobody who appends meanwhile waits for the disk.
package struct JournalFlush: ~Copyable, Sendable {
    /// The file's count of replacements that this flush makes good: see ``JournalFile/flushed(replacements:)``.
    package let replacements: Int
    private let descriptor: CInt
    private let path: String
    private let calls: JournalCalls
    private let includesName: Bool

    /// - Parameter descriptor: A descriptor of the file that belongs to this flush.
    init(descriptor: CInt, path: String, calls: JournalCalls, replacements: Int, includesName: Bool) {
        self.descriptor = descriptor
        self.path = path
        self.calls = calls
        self.replacements = replacements
        self.includesName = includesName
    }

    deinit { _ = Glibc.close(descriptor) }

    /// Returns when it is done.
    package borrowing func run() throws(IngestorError) {
        do throws(JournalCalls.Failure) {
            try calls.synchronize(descriptor)
        } catch {
            throw JournalFile.failure(path, "flushed to disk", error.number)
        }
        if includesName { try Self.flushName(of: path, calls) }
    }

    /// Brings the names in the directory of `path` to disk.
    static func flushName(of path: String, _ calls: JournalCalls) throws(IngestorError) {
        let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let descriptor = Glibc.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw JournalFile.failure(directory, "opened", errno) }
        defer { _ = Glibc.close(descriptor) }
        do throws(JournalCalls.Failure) {
            try calls.synchronize(descriptor)
        } catch {
            throw JournalFile.failure(directory, "flushed to disk", error.number)
        }
    }
}
