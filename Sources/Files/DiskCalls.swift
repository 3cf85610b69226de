import Glibc
package import SystemPackage

/// The system calls by which bytes and names reach the device: the one seam where tests let a disk fail, or lose what
/// was not forced to it.
package struct DiskCalls: Sendable {
    /// Opens a file or a directory.
    package var open:
        @Sendable (
            _ path: FilePath, _ mode: FileDescriptor.AccessMode, _ options: FileDescriptor.OpenOptions,
            _ permissions: FilePermissions
        ) throws(Errno) -> Int32
    /// Closes a descriptor.
    package var close: @Sendable (_ descriptor: Int32) throws(Errno) -> Void
    /// Reads into `room` from `position` on; returns how many bytes were read, 0 at the end of the file.
    package var read:
        @Sendable (_ descriptor: Int32, _ room: UnsafeMutableRawBufferPointer, _ position: Int) throws(Errno) -> Int
    /// Writes `head` and then `body` at `position` in one call; returns how many bytes were written, which may be fewer
    /// than given.
    package var write:
        @Sendable (
            _ descriptor: Int32, _ head: UnsafeRawBufferPointer, _ body: UnsafeRawBufferPointer, _ position: Int
        ) throws(Errno) -> Int
    /// Sets the length of a file.
    package var truncate: @Sendable (_ descriptor: Int32, _ size: Int) throws(Errno) -> Void
    /// Forces the bytes of a file, or the names in a directory, to the device.
    package var synchronize: @Sendable (_ descriptor: Int32) throws(Errno) -> Void
    /// Makes one directory; the one above it must exist.
    package var makeDirectory: @Sendable (_ path: FilePath, _ permissions: FilePermissions) throws(Errno) -> Void
    /// Gives a file or a directory another name; a file of that name is replaced.
    package var rename: @Sendable (_ path: FilePath, _ target: FilePath) throws(Errno) -> Void
    /// Gives a file another name, in the same directory or another one, and never replaces what has that name:
    /// `fileExists` then.
    package var renameExclusively: @Sendable (_ path: FilePath, _ target: FilePath) throws(Errno) -> Void
    /// Gives a file one more name; `fileExists` where something has it.
    package var link: @Sendable (_ path: FilePath, _ target: FilePath) throws(Errno) -> Void
    /// Removes a file.
    package var remove: @Sendable (_ path: FilePath) throws(Errno) -> Void
    /// Removes an empty directory.
    package var removeDirectory: @Sendable (_ path: FilePath) throws(Errno) -> Void

    /// The calls of the operating system.
    package static let system = DiskCalls(
        open: { path, mode, options, permissions throws(Errno) in
            do {
                return try FileDescriptor.open(path, mode, options: options, permissions: permissions).rawValue
            } catch {
                throw error as? Errno ?? .ioError
            }
        },
        // Not tried again after EINTR: Linux has closed the descriptor then.
        close: { descriptor throws(Errno) in
            if Glibc.close(descriptor) != 0, errno != EINTR { throw Errno(rawValue: errno) }
        },
        read: { descriptor, room, position throws(Errno) in
            try retrying { pread(descriptor, room.baseAddress, room.count, position) }
        },
        write: { descriptor, head, body, position throws(Errno) in
            // pwritev only reads through these pointers, although iovec declares them mutable.
            let parts = (
                iovec(iov_base: UnsafeMutableRawPointer(mutating: head.baseAddress), iov_len: head.count),
                iovec(iov_base: UnsafeMutableRawPointer(mutating: body.baseAddress), iov_len: body.count)
            )
            return try retrying {
                withUnsafeBytes(of: parts) { parts in
                    pwritev(descriptor, parts.assumingMemoryBound(to: iovec.self).baseAddress, 2, position)
                }
            }
        },
        truncate: { descriptor, size throws(Errno) in try retrying { Int(ftruncate(descriptor, size)) } },
        synchronize: { descriptor throws(Errno) in try retrying { Int(fdatasync(descriptor)) } },
        makeDirectory: { path, permissions throws(Errno) in
            try retrying { Int(mkdir(path.string, permissions.rawValue)) }
        },
        rename: { path, target throws(Errno) in try retrying { Int(Glibc.rename(path.string, target.string)) } },
        renameExclusively: { path, target throws(Errno) in
            try ExclusiveRename.run(from: path.string, to: target.string).get()
        },
        link: { path, target throws(Errno) in try retrying { Int(Glibc.link(path.string, target.string)) } },
        remove: { path throws(Errno) in try retrying { Int(unlink(path.string)) } },
        removeDirectory: { path throws(Errno) in try retrying { Int(rmdir(path.string)) } }
    )

    @discardableResult
    private static func retrying(_ call: () -> Int) throws(Errno) -> Int {
        while true {
            let result = call()
            if result >= 0 { return result }
            if errno != EINTR { throw Errno(rawValue: errno) }
        }
    }
}

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

    /// For file systems that do not know the flag.
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
