import Glibc
package import SystemPackage

/// The lock that keeps a second process out of a directory: an exclusive `flock` on the file `.lock` in it, which the
/// operating system releases when the process ends, however it ends.
package final class DirectoryLock: Sendable {
    package static let fileName = ".lock"
    private let file: OpenFile

    /// - Throws: ``FileError/Code/locked`` where another process has it.
    package init(_ directory: FilePath, calls: DiskCalls = .system) throws(FileError) {
        file = try OpenFile(directory.appending(Self.fileName), .readWrite, options: .create, calls: calls)
        guard flock(file.descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let number = Errno(rawValue: errno)
            guard number == .wouldBlock else { throw FileError("lock", file.path, number) }
            throw FileError(
                .locked,
                directory,
                "the data directory \(directory) is in use by another process",
                cure: "Stop that one, or choose another directory with --data"
            )
        }
    }

    /// Unlock explicitly: a child forked concurrently inherits the descriptor until exec.
    deinit { flock(file.descriptor, LOCK_UN) }
}
