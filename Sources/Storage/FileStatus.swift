/// What a file system tells about one name.
package struct FileStatus: Hashable, Sendable {
    package let path: StoragePath
    package let isDirectory: Bool
    /// The length in bytes; 0 for a directory.
    package let length: Int64

    package init(path: StoragePath, isDirectory: Bool, length: Int64) {
        self.path = path
        self.isDirectory = isDirectory
        self.length = length
    }
}
