import SystemPackage

extension LocalFileSystem {
    /// The directory with this path as a storage, for callers that have a plain text.
    package init(path: String, durability: Durability = .synchronized) {
        self.init(root: FilePath(path), durability: durability)
    }
}
