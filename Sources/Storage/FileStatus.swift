/// What a file system tells about one name.
package struct FileStatus: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case file, directory
        /// A symbolic link, which is not followed here: reading its name does.
        case link
        /// A pipe, a socket or a device.
        case other
    }

    package let path: StoragePath
    package let kind: Kind
    /// The length in bytes; 0 for what is not a file.
    package let length: Int64

    package var isDirectory: Bool { kind == .directory }

    package init(path: StoragePath, kind: Kind, length: Int64) {
        self.path = path
        self.kind = kind
        self.length = length
    }
}
