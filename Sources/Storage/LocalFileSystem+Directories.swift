import Glibc
import SystemPackage

extension LocalFileSystem {
    /// Opens a file that did not exist.
    static func openNew(_ location: String) -> Result<Int32, Errno> {
        let descriptor = Glibc.open(location, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        return descriptor >= 0 ? .success(descriptor) : .failure(Errno(rawValue: errno))
    }

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
            guard mkdir(path.string, 0o777) == 0 || errno == EEXIST else {
                throw StorageError(number: errno, .createDirectory, path.string)
            }
        }
    }

    /// Forces the names in a directory to the disk.
    func synchronize(_ directory: StoragePath) async throws(StorageError) {
        let location = name(of: directory)
        let number = await Blocking.run { () -> Int32 in
            let descriptor = Glibc.open(location, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            guard descriptor >= 0 else { return errno }
            defer { Glibc.close(descriptor) }
            return fsync(descriptor) == 0 ? 0 : errno
        }
        guard number == 0 else { throw StorageError(number: number, .close, location) }
    }
}

extension FileStatus {
    /// What the kernel tells about a name.
    init(path: StoragePath, _ information: stat) {
        let isDirectory = information.st_mode & S_IFMT == S_IFDIR
        self.init(
            path: path,
            isDirectory: isDirectory,
            length: isDirectory ? 0 : Int64(information.st_size)
        )
    }
}
