import Glibc
package import SystemPackage

/// Operations on names: directories, and files as wholes.
///
/// Names are on the device only after ``synchronizeDirectory(_:)`` of the directory that they are in.
package struct Disk: Sendable {
    /// The extension of files that are not complete yet. Owners remove such files when they open their directory.
    package static let temporaryExtension = "tmp"

    package let calls: DiskCalls

    package init(calls: DiskCalls = .system) { self.calls = calls }

    package func open(
        _ path: FilePath,
        _ mode: FileDescriptor.AccessMode = .readOnly,
        options: FileDescriptor.OpenOptions = []
    ) throws(FileError) -> OpenFile {
        try OpenFile(path, mode, options: options, calls: calls)
    }

    package func exists(_ path: FilePath) -> Bool { access(path.string, F_OK) == 0 }

    package func isDirectory(_ path: FilePath) -> Bool { Self.kind(of: path, followsLinks: true) == S_IFDIR }

    private static func kind(of path: FilePath, followsLinks: Bool) -> mode_t? {
        var status = stat()
        let result = followsLinks ? stat(path.string, &status) : lstat(path.string, &status)
        return result == 0 ? status.st_mode & S_IFMT : nil
    }

    /// The bytes of the volume that a path is on; `nil` where the system does not tell them.
    package func space(at path: FilePath) -> (total: Int64, usable: Int64)? {
        var volume = statvfs()
        guard statvfs(path.string, &volume) == 0 else { return nil }
        let bytes = [volume.f_blocks, volume.f_bavail].map { blocks in
            let (bytes, overflows) = UInt64(blocks).multipliedReportingOverflow(by: UInt64(volume.f_frsize))
            return overflows ? .max : Int64(clamping: bytes)
        }
        return (bytes[0], bytes[1])
    }

    /// The path from the root of the file system to what is at `path`; `path` itself where nothing is there.
    package func fullPath(of path: FilePath) -> FilePath {
        guard let full = realpath(path.string, nil) else { return path }
        defer { free(full) }
        return FilePath(String(cString: full))
    }

    /// Makes a directory, and those above it that do not exist.
    ///
    /// - Returns: the directories that have a new name in them.
    @discardableResult
    package func makeDirectory(_ path: FilePath) throws(FileError) -> [FilePath] {
        if isDirectory(path) { return [] }
        let parent = path.removingLastComponent()
        let above = parent.isEmpty ? [] : try makeDirectory(parent)
        do throws(Errno) {
            try calls.makeDirectory(path, Limits.directoryPermissions)
        } catch {
            // Another process may have made it, or its name means the directory above ("new/.").
            guard error == .fileExists, isDirectory(path) else { throw FileError("make the directory", path, error) }
        }
        return above + [parent.isEmpty ? "." : parent]
    }

    /// As ``makeDirectory(_:)``, and the new names are on the device.
    package func makeDirectoryDurably(_ path: FilePath) throws(FileError) {
        for parent in try makeDirectory(path) { try synchronizeDirectory(parent) }
    }

    /// The names in a directory, in order.
    package func names(in directory: FilePath) throws(FileError) -> [String] {
        guard let stream = opendir(directory.string) else {
            throw FileError("list", directory, Errno(rawValue: errno))
        }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else { break }
            // The name is terminated within the entry, which lives until the next call.
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        if errno != 0 { throw FileError("list", directory, Errno(rawValue: errno)) }
        return names.sorted()
    }

    package func rename(_ path: FilePath, to target: FilePath) throws(FileError) {
        do throws(Errno) {
            try calls.rename(path, target)
        } catch {
            throw FileError("rename to \(target)", path, error)
        }
    }

    /// Renames a file so that nothing reads it and nothing is lost.
    ///
    /// - Parameter extension: Appended to its name; a number follows where that name is taken.
    /// - Returns: where it is now.
    package func setAside(_ path: FilePath, as extension: String) throws(FileError) -> FilePath {
        let target = freeName(path.string + "." + `extension`)
        try rename(path, to: target)
        return target
    }

    /// `name`, or `name` with the first number that makes it unused.
    package func freeName(_ name: String) -> FilePath {
        var path = FilePath(name)
        var number = 1
        while Self.kind(of: path, followsLinks: false) != nil {
            number += 1
            path = FilePath("\(name)-\(number)")
        }
        return path
    }

    /// Removes a file; one that is not there counts as removed.
    package func remove(_ path: FilePath) throws(FileError) {
        do throws(Errno) {
            try calls.remove(path)
        } catch {
            if error != .noSuchFileOrDirectory { throw FileError("delete", path, error) }
        }
    }

    /// Removes a file, or a directory with all that it holds. Links are removed, not followed.
    package func removeTree(_ path: FilePath) throws(FileError) {
        guard Self.kind(of: path, followsLinks: false) == S_IFDIR else { return try remove(path) }
        for name in try names(in: path) { try removeTree(path.appending(name)) }
        do throws(Errno) {
            try calls.removeDirectory(path)
        } catch {
            if error != .noSuchFileOrDirectory { throw FileError("delete", path, error) }
        }
    }

    /// Makes the names in a directory (new, renamed and removed files) survive a power cut.
    package func synchronizeDirectory(_ path: FilePath) throws(FileError) {
        try open(path, .readOnly, options: .directory).synchronize()
    }

    /// All bytes of a small file; `nil` where there is none.
    package func contents(of path: FilePath) throws(FileError) -> [UInt8]? {
        let file: OpenFile
        do throws(FileError) {
            file = try open(path)
        } catch {
            if error.code == .notFound { return nil }
            throw error
        }
        let size = try file.size()
        guard size <= Limits.stateFileBytesMax else {
            let reason = "it has \(size) bytes, at most \(Limits.stateFileBytesMax) are expected"
            throw .damaged(path, reason, cure: "Move it away or restore it from a backup")
        }
        return try file.bytes(count: size)
    }

    /// Puts `bytes` in the place of a file at once: see ``ReplacementFile``.
    ///
    /// - Parameter durably: Whether it survives a power cut; the call waits for the device then.
    package func replace(_ path: FilePath, with bytes: [UInt8], durably: Bool = true) throws(FileError) {
        let file = try ReplacementFile(path, disk: self)
        try file.append(bytes.span.bytes)
        try file.replace(durably: durably)
    }
}

extension FilePath {
    /// The directory that this name is in.
    package var directory: FilePath {
        let parent = removingLastComponent()
        return parent.isEmpty ? "." : parent
    }
}
