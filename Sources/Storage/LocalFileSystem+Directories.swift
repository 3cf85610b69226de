import Files
import Glibc
import Synchronization
import SystemPackage

extension LocalFileSystem {
    /// Whether a directory has this name, through symbolic links.
    func isDirectory(_ path: StoragePath) -> Bool {
        var information = stat()
        return stat(name(of: path), &information) == 0 && information.st_mode & S_IFMT == S_IFDIR
    }

    /// Makes the root of the storage and the directories above it.
    func createRoot() throws(StorageError) {
        var path = FilePath(root: root.root)
        for component in root.components {
            path.append(component)
            if let error = makeDirectory(path.string), error != .fileExists {
                throw StorageError(error, .createDirectory, path.string)
            }
        }
    }

    /// Why a directory could not be made; `nil` where it was.
    func makeDirectory(_ location: String) -> Errno? {
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

    /// Sees to it that `directory` itself cannot go when the power does: forces its name, and those of all above it, to
    /// the disk, once for each directory. The process that made it may have died before it did that.
    func settle(_ directory: StoragePath) async throws(StorageError) {
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

    /// The directories above the root may be somebody else's, which this process must not open: then they are theirs to
    /// force to the disk.
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

/// The directories whose names are known to be on the disk: those of all above them are as well.
final class SettledDirectories: Sendable {
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

extension FileStatus {
    /// What the kernel tells about a name.
    init(path: StoragePath, _ information: stat) {
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
