import Glibc
package import SystemPackage

/// The lock that keeps a second process out of a root: an exclusive `flock` on the file `.lock`, which the operating
/// system takes back when the process ends, however it ends.
package final class RootLock: Sendable {
    package static let fileName = ".lock"
    private let file: LogFile

    package init(root: FilePath) throws(LogError) {
        file = try LogFile(root.appending(Self.fileName), .readWrite, options: [.create])
        guard flock(file.descriptor.rawValue, LOCK_EX | LOCK_NB) == 0 else {
            let number = Errno(rawValue: errno)
            guard number == .wouldBlock else { throw LogError.storage("lock", file.path, number) }
            throw LogError(
                .locked,
                "the data directory \(root) is in use by another process. Stop that one, or choose another directory "
                    + "with --data"
            )
        }
    }

    /// Says so, rather than only close the file: a process that is being started at this moment has the file as well,
    /// until it runs its program, and would hold the lock for so long.
    deinit { flock(file.descriptor.rawValue, LOCK_UN) }
}
