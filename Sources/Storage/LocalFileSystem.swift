package import Files
import Glibc
package import SystemPackage

/// A directory of this machine as a storage.
///
/// Every call may come from several processes at once: creation is exclusive and renaming never replaces, both by the
/// kernel. What survives a crash of the machine is decided by `Durability`; a crash of the process loses nothing that
/// a call has answered for.
package struct LocalFileSystem: FileSystem {
    /// What survives when the machine stops without warning.
    package enum Durability: Sendable {
        /// Closed files, names and directories: each is forced to the disk before the call returns. The default.
        case synchronized
        /// What the kernel has written by then. Enough where the process may die but the machine may not.
        case cached
    }

    /// The directory that is the storage's root.
    package let root: FilePath
    package let durability: Durability
    let calls: DiskCalls
    private let rootName: String
    let settled = SettledDirectories()

    /// - Parameters:
    ///   - root: The directory; it is made with the first file.
    ///   - durability: What survives when the machine stops without warning.
    ///   - calls: The system's, but in tests of a disk that fails or loses its power.
    package init(root: FilePath, durability: Durability = .synchronized, calls: DiskCalls = .system) {
        self.root = root
        self.calls = calls
        rootName = root.string.isEmpty ? "." : root.string
        self.durability = durability
    }

    /// Where `path` lies on this machine.
    package func location(of path: StoragePath) -> FilePath {
        FilePath(name(of: path))
    }

    /// The same as text, which is what system calls take.
    func name(of path: StoragePath) -> String {
        path == .root ? rootName : rootName + "/" + path.string
    }

    package func create(_ path: StoragePath) async throws(StorageError) -> any FileWriter {
        let location = name(of: path)
        var opened = openNew(location)
        if case .failure(.noSuchFileOrDirectory) = opened {
            try await createDirectory(path.parent)
            opened = openNew(location)
        }
        switch opened {
        case .success(let descriptor):
            return LocalFileWriter(descriptor: descriptor, location: location, durability: durability, calls: calls) {
                [self] () throws(StorageError) in try await persistNames(in: path.parent)
            }
        case .failure(let error): throw StorageError(error, .create, location)
        }
    }

    /// Opens a file that did not exist.
    private func openNew(_ location: String) -> Result<Int32, Errno> {
        Result { () throws(Errno) in
            try calls.open(
                FilePath(location),
                .writeOnly,
                [.create, .exclusiveCreate, .closeOnExec],
                FilePermissions(rawValue: 0o666)
            )
        }
    }

    package func read(_ path: StoragePath, from offset: Int64, count: Int) async throws(StorageError) -> [UInt8] {
        let location = name(of: path)
        // Without O_NONBLOCK, opening a pipe waits for somebody who writes to it.
        let descriptor = Glibc.open(location, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw StorageError(number: errno, .read, location) }
        defer { Glibc.close(descriptor) }
        var information = stat()
        guard fstat(descriptor, &information) == 0 else { throw StorageError(number: errno, .read, location) }
        switch information.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR: throw StorageError(number: EISDIR, .read, location)
        default: throw StorageError(.notAFile, .read, location, "it is neither a file nor a directory")
        }
        let left = max(0, Int64(information.st_size) - offset)
        var number: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: min(count, Int(left))) { buffer, filled in
            while filled < buffer.count {
                let got = pread(
                    descriptor,
                    buffer.baseAddress?.advanced(by: filled),
                    buffer.count - filled,
                    off_t(offset) + off_t(filled)
                )
                if got < 0, errno == EINTR { continue }
                if got < 0 { number = errno }
                if got <= 0 { break }
                filled += got
            }
        }
        guard number == 0 else { throw StorageError(number: number, .read, location) }
        return bytes
    }

    package func status(of path: StoragePath) async throws(StorageError) -> FileStatus? {
        let location = name(of: path)
        var information = stat()
        guard lstat(location, &information) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw StorageError(number: errno, .stat, location)
        }
        return FileStatus(path: path, information)
    }

    package func list(_ directory: StoragePath) async throws(StorageError) -> [FileStatus] {
        let location = name(of: directory)
        guard let stream = opendir(location) else {
            if errno == ENOENT { return [] }
            throw StorageError(number: errno, .list, location)
        }
        defer { closedir(stream) }
        var found: [FileStatus] = []
        errno = 0
        while let entry = readdir(stream) {
            // A name that is not UTF-8 cannot be written as a path here, and nothing of the pipeline makes one.
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(validatingCString: $0) }
            }
            // A name that was deleted since it was read is not an error: it is not there any more.
            if let name, name != ".", name != "..", let status = try await status(of: directory.appending(name)) {
                found.append(status)
            }
            errno = 0
        }
        guard errno == 0 else { throw StorageError(number: errno, .list, location) }
        return found
    }

    package func delete(_ path: StoragePath) async throws(StorageError) -> Bool {
        let location = name(of: path)
        // A directory of this name that is made later is another one.
        settled.remove(path)
        do throws(Errno) {
            do throws(Errno) {
                try calls.remove(FilePath(location))
            } catch .isDirectory {
                try calls.removeDirectory(FilePath(location))
            }
            return true
        } catch .noSuchFileOrDirectory {
            return false
        } catch {
            throw StorageError(error, .delete, location)
        }
    }

    package func rename(_ source: StoragePath, to target: StoragePath) async throws(StorageError) -> Bool {
        let locations = (name(of: source), name(of: target))
        var outcome = renameExclusively(locations.0, locations.1)
        if case .failure(.noSuchFileOrDirectory) = outcome, try await status(of: target.parent) == nil {
            try await createDirectory(target.parent)
            outcome = renameExclusively(locations.0, locations.1)
        }
        switch outcome {
        case .success:
            try await persistNames(in: target.parent)
            try await removeOldName(of: source, than: target)
            return true
        case .failure(.fileExists), .failure(.noSuchFileOrDirectory): return false
        case .failure(let error): throw StorageError(error, .rename, "\(locations.0) to \(locations.1)")
        }
    }

    /// Gives a file its new name. Between directories it keeps the old one until the new one is on the disk: a power cut
    /// may otherwise lose both, since each directory is forced to the disk by itself.
    private func renameExclusively(_ source: String, _ target: String) -> Result<Void, Errno> {
        let (from, to) = (FilePath(source), FilePath(target))
        return Result { () throws(Errno) in
            guard durability == .synchronized, from.removingLastComponent() != to.removingLastComponent() else {
                return try calls.renameExclusively(from, to)
            }
            do throws(Errno) {
                try calls.link(from, to)
            } catch .fileExists where ExclusiveRename.isOneFile(source, target) {
                // A process died before it removed the old name.
            } catch  where [.notPermitted, .notSupported, .tooManyLinks].contains(error) {
                // No hard links here.
                try calls.renameExclusively(from, to)
            }
        }
    }

    /// Ends a renaming between directories.
    private func removeOldName(of source: StoragePath, than target: StoragePath) async throws(StorageError) {
        guard durability == .synchronized, source.parent != target.parent else { return }
        _ = try await delete(source)
    }

    package func createDirectory(_ path: StoragePath) async throws(StorageError) {
        var made: [StoragePath] = []
        var next = path
        // From the bottom up to the first directory that exists, then down again.
        while true {
            let location = name(of: next)
            guard let error = makeDirectory(location) else {
                settled.remove(next)
                break
            }
            if error == .fileExists {
                guard isDirectory(next) else { throw StorageError(number: ENOTDIR, .createDirectory, location) }
                break
            }
            guard error == .noSuchFileOrDirectory else { throw StorageError(error, .createDirectory, location) }
            if next == .root {
                try createRoot()
            } else {
                settled.remove(next)
                made.append(next)
                next = next.parent
            }
        }
        for directory in made.reversed() {
            let location = name(of: directory)
            if let error = makeDirectory(location), error != .fileExists {
                throw StorageError(error, .createDirectory, location)
            }
        }
        if durability == .synchronized { try await settle(path) }
    }
}
