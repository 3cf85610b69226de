package import Storage
import Synchronization

/// A storage in memory, for tests that need many of them, or a storage that is not a directory of this machine.
///
/// It passes the conformance tests of every file system. Directories list their entries in the order of their names.
package final class MemoryFileSystem: FileSystem {
    /// The bytes of a file, which outlive its name while the file is open.
    fileprivate final class Contents: Sendable {
        let bytes = Mutex<[UInt8]>([])

        var length: Int64 { bytes.withLock { Int64($0.count) } }
    }

    private enum Entry {
        case directory
        case file(Contents)

        func status(_ path: StoragePath) -> FileStatus {
            switch self {
            case .directory: FileStatus(path: path, kind: .directory, length: 0)
            case .file(let contents): FileStatus(path: path, kind: .file, length: contents.length)
            }
        }
    }

    /// The entries of every directory, by their names.
    private struct Tree {
        var directories: [StoragePath: [String: Entry]] = [.root: [:]]

        func entry(_ path: StoragePath) -> Entry? {
            path == .root ? .directory : directories[path.parent]?[path.name]
        }

        /// Makes a directory and those above it.
        mutating func makeDirectory(_ path: StoragePath, for operation: StorageError.Operation) throws(StorageError) {
            switch entry(path) {
            case .directory: return
            case .file:
                throw StorageError(.notADirectory, operation, path.description, "it is a file")
            case nil:
                try makeDirectory(path.parent, for: operation)
                directories[path.parent]?[path.name] = .directory
                directories[path] = [:]
            }
        }

        func isFile(_ path: StoragePath) -> Bool {
            if case .file = entry(path) { true } else { false }
        }

        /// The file above `path` that makes it impossible; `nil` if there is none.
        func fileAbove(_ path: StoragePath) -> StoragePath? {
            var above = path
            while above != .root {
                above = above.parent
                if isFile(above) { return above }
            }
            return nil
        }
    }

    private let tree = Mutex(Tree())

    package init() {}

    package func create(_ path: StoragePath) async throws(StorageError) -> any FileWriter {
        let contents = try tree.withLock { tree throws(StorageError) in
            guard tree.entry(path) == nil else {
                throw StorageError(.alreadyExists, .create, path.description, "the name is taken")
            }
            try tree.makeDirectory(path.parent, for: .create)
            let contents = Contents()
            tree.directories[path.parent]?[path.name] = .file(contents)
            return contents
        }
        return MemoryFileWriter(contents, path)
    }

    package func open(_ path: StoragePath) async throws(StorageError) -> any FileReader {
        let contents = try tree.withLock { tree throws(StorageError) in
            switch tree.entry(path) {
            case .file(let contents): return contents
            case .directory:
                throw StorageError(.isADirectory, .read, path.description, "it is a directory")
            case nil:
                if let file = tree.fileAbove(path) {
                    throw StorageError(.notADirectory, .read, path.description, "\(file) is a file")
                }
                throw StorageError(.notFound, .read, path.description, "there is no such file")
            }
        }
        return MemoryFileReader(contents, path)
    }

    package func status(of path: StoragePath) async throws(StorageError) -> FileStatus? {
        tree.withLock { $0.entry(path)?.status(path) }
    }

    package func pages(of directory: StoragePath) async throws(StorageError) -> any DirectoryPages {
        try tree.withLock { tree throws(StorageError) in
            if let file = tree.fileAbove(directory) ?? (tree.isFile(directory) ? directory : nil) {
                throw StorageError(.notADirectory, .list, directory.description, "\(file) is a file")
            }
        }
        return MemoryDirectoryPages { [self] name in page(of: directory, behind: name) }
    }

    /// The entries of a directory whose names come after `name`, as many as fit into a page.
    private func page(of directory: StoragePath, behind name: String?) -> [FileStatus] {
        tree.withLock { tree in
            let names = tree.directories[directory, default: [:]].keys.sorted().drop { entry in
                name.map { entry <= $0 } ?? false
            }
            return names.prefix(DirectoryLimits.pageEntries).compactMap { name in
                guard let path = try? directory.appending(name) else { return nil }
                return tree.entry(path)?.status(path)
            }
        }
    }

    package func delete(_ path: StoragePath) async throws(StorageError) -> Bool {
        try tree.withLock { tree throws(StorageError) in
            switch tree.entry(path) {
            case nil: return false
            case .file: break
            case .directory:
                guard tree.directories[path, default: [:]].isEmpty else {
                    throw StorageError(.alreadyExists, .delete, path.description, "the directory is not empty")
                }
                tree.directories[path] = nil
            }
            tree.directories[path.parent]?[path.name] = nil
            return true
        }
    }

    package func rename(_ source: StoragePath, to target: StoragePath) async throws(StorageError) -> Bool {
        try tree.withLock { tree throws(StorageError) in
            guard let entry = tree.entry(source), tree.entry(target) == nil else { return false }
            guard case .file = entry else {
                throw StorageError(.isADirectory, .rename, source.description, "only files are renamed here")
            }
            try tree.makeDirectory(target.parent, for: .rename)
            tree.directories[source.parent]?[source.name] = nil
            tree.directories[target.parent]?[target.name] = entry
            return true
        }
    }

    package func createDirectory(_ path: StoragePath) async throws(StorageError) {
        try tree.withLock { tree throws(StorageError) in try tree.makeDirectory(path, for: .createDirectory) }
    }
}

private final class MemoryFileWriter: FileWriter {
    private let contents: MemoryFileSystem.Contents
    private let path: StoragePath
    private let isOpen = Mutex(true)

    init(_ contents: MemoryFileSystem.Contents, _ path: StoragePath) {
        self.contents = contents
        self.path = path
    }

    func write(_ bytes: RawSpan) async throws(StorageError) {
        guard isOpen.withLock({ $0 }) else {
            throw StorageError(.closed, .write, path.description, "the file was closed before")
        }
        bytes.withUnsafeBytes { bytes in contents.bytes.withLock { $0.append(contentsOf: bytes) } }
    }

    func close() async throws(StorageError) -> Int64 {
        let wasOpen = isOpen.withLock { isOpen in
            defer { isOpen = false }
            return isOpen
        }
        guard wasOpen else { throw StorageError(.closed, .close, path.description, "the file was closed before") }
        return contents.length
    }

    func abandon() async { isOpen.withLock { $0 = false } }
}

private final class MemoryFileReader: FileReader {
    let length: Int64
    private let contents: MemoryFileSystem.Contents
    private let path: StoragePath
    private let isOpen = Mutex(true)

    init(_ contents: MemoryFileSystem.Contents, _ path: StoragePath) {
        self.contents = contents
        self.path = path
        length = contents.length
    }

    func read(from offset: Int64, into buffer: inout MutableRawSpan) async throws(StorageError) -> Int {
        guard isOpen.withLock({ $0 }) else {
            throw StorageError(.closed, .read, path.description, "the file was closed before")
        }
        let count = buffer.byteCount
        let bytes = contents.bytes.withLock { Array($0.dropFirst(Int(offset)).prefix(count)) }
        buffer.withUnsafeMutableBytes { $0.copyBytes(from: bytes) }
        return bytes.count
    }

    func close() async { isOpen.withLock { $0 = false } }
}

private final class MemoryDirectoryPages: DirectoryPages {
    private let page: @Sendable (String?) -> [FileStatus]
    /// The last name that was listed.
    private let last = Mutex<String?>(nil)

    init(_ page: @escaping @Sendable (String?) -> [FileStatus]) {
        self.page = page
    }

    func next() async throws(StorageError) -> [FileStatus] {
        last.withLock { last in
            let entries = page(last)
            last = entries.last?.path.name ?? last
            return entries
        }
    }
}
