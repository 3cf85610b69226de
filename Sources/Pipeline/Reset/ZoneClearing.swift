import Storage

/// Counts and deletes what lies below a directory of a storage.
///
/// Memory is bounded by a page of entries for each level of directories.
struct ZoneClearing: Sendable {
    /// Bounds of the work.
    enum Limits {
        /// How often a directory is listed while entries are deleted from it: others may write to it at the same time.
        static let passesMax = 100
    }

    /// How many files there are, and their bytes.
    struct Content: Hashable, Sendable {
        var files = 0
        var bytes: Int64 = 0
    }

    let storage: any FileSystem

    /// What lies below `directory`, at any depth, hidden names included.
    func content(of directory: StoragePath) async throws(StorageError) -> Content {
        var content = Content()
        try await storage.forEachFile(under: directory) { file in
            content.files += 1
            content.bytes += file.length
        }
        return content
    }

    /// Deletes the files below `directory` that `keeps` does not name, and the directories that are empty then, itself
    /// included. May be repeated.
    ///
    /// - Returns: whether the directory is gone.
    @discardableResult
    func clear(
        _ directory: StoragePath,
        keeping keeps: (StoragePath) -> Bool = { _ in false }
    ) async throws(StorageError) -> Bool {
        var kept = 0
        // A listing may pass over names while others are deleted, so the last one is one in which nothing was deleted.
        for _ in 0..<Limits.passesMax {
            var deleted = 0
            (kept, deleted) = try await pass(directory, keeps)
            if deleted == 0 { break }
        }
        guard kept == 0 else { return false }
        do {
            _ = try await storage.delete(directory)
            return true
        } catch  where error.code == .alreadyExists {
            // Something was put there meanwhile, or has a name that cannot be listed.
            return false
        }
    }

    private func pass(
        _ directory: StoragePath,
        _ keeps: (StoragePath) -> Bool
    ) async throws(StorageError) -> (kept: Int, deleted: Int) {
        let pages = try await storage.pages(of: directory)
        var (kept, deleted) = (0, 0)
        while true {
            let page = try await pages.next()
            if page.isEmpty { return (kept, deleted) }
            for entry in page {
                if entry.isDirectory {
                    if try await clear(entry.path, keeping: keeps) { deleted += 1 } else { kept += 1 }
                } else if keeps(entry.path) {
                    kept += 1
                } else if try await storage.delete(entry.path) {
                    deleted += 1
                }
            }
        }
    }
}
