import Dispatch
package import Files
import Glibc
import Synchronization
package import SystemPackage

/// A directory of this machine as a storage.
///
/// Several processes may call at once: the kernel makes creation exclusive and renaming without replacing. `Durability`
/// decides what survives a crash of the machine; a crash of the process loses nothing that a call has done.
package struct LocalFileSystem: FileSystem {
    /// What survives when the machine stops without warning.
    package enum Durability: Sendable {
        /// Closed files, names and directories: each is forced to the disk before the call returns. The default.
        case synchronized
        /// What the kernel has written by then. Enough if the process may die, but the machine may not.
        case cached
    }

    /// The directory that is the storage's root.
    package let root: FilePath
    package let durability: Durability
    private let calls: DiskCalls
    private let rootName: String
    private let settled = SettledDirectories()

    /// - Parameters:
    ///   - root: The directory; it is made with the first file.
    ///   - durability: What survives when the machine stops without warning.
    ///   - calls: The system's, except in tests of a disk that fails or loses its power.
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
    private func name(of path: StoragePath) -> String {
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

    package func open(_ path: StoragePath) async throws(StorageError) -> any FileReader {
        try LocalFileReader(location: name(of: path))
    }

    package func status(of path: StoragePath) async throws(StorageError) -> FileStatus? {
        try Self.status(of: path, at: name(of: path))
    }

    fileprivate static func status(of path: StoragePath, at location: String) throws(StorageError) -> FileStatus? {
        var information = stat()
        guard lstat(location, &information) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw StorageError(number: errno, .stat, location)
        }
        return FileStatus(path: path, information)
    }

    package func pages(of directory: StoragePath) async throws(StorageError) -> any DirectoryPages {
        try LocalDirectoryPages(directory, at: name(of: directory))
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

extension LocalFileSystem {
    /// Whether a directory has this name, through symbolic links.
    private func isDirectory(_ path: StoragePath) -> Bool {
        var information = stat()
        return stat(name(of: path), &information) == 0 && information.st_mode & S_IFMT == S_IFDIR
    }

    /// Makes the root of the storage and the directories above it.
    private func createRoot() throws(StorageError) {
        var path = FilePath(root: root.root)
        for component in root.components {
            path.append(component)
            if let error = makeDirectory(path.string), error != .fileExists {
                throw StorageError(error, .createDirectory, path.string)
            }
        }
    }

    /// Why a directory could not be made; `nil` if it was.
    private func makeDirectory(_ location: String) -> Errno? {
        do throws(Errno) {
            try calls.makeDirectory(FilePath(location), FilePermissions(rawValue: 0o777))
            return nil
        } catch {
            return error
        }
    }

    /// Forces the names in a directory to the disk, and that of the directory itself.
    package func persistNames(in directory: StoragePath) async throws(StorageError) {
        guard durability == .synchronized else { return }
        try await settle(directory)
        try await synchronize(name(of: directory))
    }

    private func synchronize(_ location: String) async throws(StorageError) {
        let calls = calls
        let error = await Blocking.run { () -> Errno? in
            do throws(Errno) {
                let descriptor = try calls.open(FilePath(location), .readOnly, [.directory, .closeOnExec], [])
                do throws(Errno) {
                    try calls.synchronize(descriptor)
                } catch {
                    try calls.close(descriptor)
                    throw error
                }
                try calls.close(descriptor)
                return nil
            } catch {
                return error
            }
        }
        if let error { throw StorageError(error, .synchronize, location) }
    }

    /// Makes `directory` itself survive a power cut: forces its name, and those of all directories above it, to the disk,
    /// once for each directory. The process that made it may have died before it did that.
    private func settle(_ directory: StoragePath) async throws(StorageError) {
        var open: [StoragePath] = []
        var next = directory
        while !settled.contains(next) {
            open.append(next)
            if next == .root { break }
            next = next.parent
        }
        for path in open.reversed() {
            if path == .root { try await settleRoot() } else { try await synchronize(name(of: path.parent)) }
            settled.insert(path)
        }
    }

    /// This process may lack the permission to open a directory above the root; its owner has to force it to the disk.
    private func settleRoot() async throws(StorageError) {
        var above = root.lexicallyNormalized()
        while above.removeLastComponent() {
            do {
                try await synchronize(above.string.isEmpty ? "." : above.string)
            } catch  where error.code == .permissionDenied {
                return
            }
        }
    }
}

/// The directories whose names are known to be on the disk, as are the names of all directories above them.
private final class SettledDirectories: Sendable {
    /// How many are remembered; a storage with more forgets them all, and forces them to the disk once more.
    private static let countMax = 10_000

    private let paths = Mutex<Set<StoragePath>>([])

    func contains(_ path: StoragePath) -> Bool { paths.withLock { $0.contains(path) } }

    func insert(_ path: StoragePath) {
        paths.withLock { paths in
            if paths.count == Self.countMax { paths = [] }
            paths.insert(path)
        }
    }

    func remove(_ path: StoragePath) {
        paths.withLock { _ = $0.remove(path) }
    }
}

/// The entries of a directory of this machine.
private final class LocalDirectoryPages: DirectoryPages {
    private let directory: StoragePath
    private let location: String
    /// The open directory; `nil` if there is none, and after the last page.
    private let stream: Mutex<OpaquePointer?>

    init(_ directory: StoragePath, at location: String) throws(StorageError) {
        self.directory = directory
        self.location = location
        let opened = opendir(location)
        if opened == nil, errno != ENOENT { throw StorageError(number: errno, .list, location) }
        stream = Mutex(opened)
    }

    deinit {
        stream.withLock { stream in
            if let stream { _ = closedir(stream) }
        }
    }

    func next() async throws(StorageError) -> [FileStatus] {
        try stream.withLock { stream throws(StorageError) in
            guard let open = stream else { return [] }
            let page = try page(of: open)
            if page.count < DirectoryLimits.pageEntries {
                closedir(open)
                stream = nil
            }
            return page
        }
    }

    private func page(of stream: OpaquePointer) throws(StorageError) -> [FileStatus] {
        var page: [FileStatus] = []
        errno = 0
        while page.count < DirectoryLimits.pageEntries, let entry = readdir(stream) {
            // A name that is not UTF-8 cannot be written as a path here, and nothing of the pipeline makes one.
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(validatingCString: $0) }
            }
            // A name that was deleted after it was read is not an error: it does not exist any more.
            if let name, name != ".", name != "..",
                let status = try LocalFileSystem.status(of: directory.appending(name), at: location + "/" + name)
            {
                page.append(status)
            }
            errno = 0
        }
        guard errno == 0 else { throw StorageError(number: errno, .list, location) }
        return page
    }
}

extension FileStatus {
    /// What the kernel tells about a name.
    fileprivate init(path: StoragePath, _ information: stat) {
        let kind: Kind =
            switch information.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .directory
            case S_IFLNK: .link
            default: .other
            }
        self.init(path: path, kind: kind, length: kind == .file ? Int64(information.st_size) : 0)
    }
}

/// Runs calls that may block for long, such as forcing a file to the disk, outside the threads that all tasks share.
enum Blocking {
    private static let queue = DispatchQueue(label: "storage.blocking", attributes: .concurrent)

    static func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: body()) }
        }
    }
}
