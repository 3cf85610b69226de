import Glibc
package import SystemPackage

/// Renaming that never replaces, by the kernel.
///
/// `renameat2` with `RENAME_NOREPLACE` does it in one step. Where the file system beneath does not know that flag, a
/// hard link is made and the old name removed: as safe, since making a link fails where the name is taken, but a crash
/// between the two leaves one file with both names; the next attempt sees that and removes the old one.
package enum ExclusiveRename {
    /// The C function's type; Glibc's Swift module does not show it, so it is looked up by name.
    private typealias Renameat2 =
        @convention(c) (Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>, UInt32) -> Int32

    private static let renameat2: Renameat2? = dlsym(nil, "renameat2").map { symbol in
        // The symbol is glibc's (2.28 and later) and has exactly this signature.
        unsafeBitCast(symbol, to: Renameat2.self)
    }

    /// `RENAME_NOREPLACE` of `linux/fs.h`.
    private static let noReplace: UInt32 = 1

    /// Success, or the error: `fileExists` where the target does, `noSuchFileOrDirectory` where the source does not.
    package static func run(from source: String, to target: String) -> Result<Void, Errno> {
        if let renameat2 {
            if renameat2(AT_FDCWD, source, AT_FDCWD, target, noReplace) == 0 { return .success(()) }
            let number = errno
            guard number == EINVAL || number == ENOSYS || number == ENOTSUP else {
                return .failure(Errno(rawValue: number))
            }
        }
        return byLink(from: source, to: target)
    }

    /// The way of file systems that do not know the flag.
    package static func byLink(from source: String, to target: String) -> Result<Void, Errno> {
        if link(source, target) != 0 {
            let number = errno
            guard number == EEXIST, isOneFile(source, target) else { return .failure(Errno(rawValue: number)) }
        }
        guard unlink(source) == 0 || errno == ENOENT else { return .failure(Errno(rawValue: errno)) }
        return .success(())
    }

    /// Whether both names are of one file.
    package static func isOneFile(_ left: String, _ right: String) -> Bool {
        var one = stat()
        var other = stat()
        guard lstat(left, &one) == 0, lstat(right, &other) == 0 else { return false }
        return one.st_dev == other.st_dev && one.st_ino == other.st_ino
    }
}
