import Glibc
package import SystemPackage

/// Replaces several files of one directory, each whole and never in part, and none of them unless all could be written.
///
/// The bytes of each go to the hidden file `.<name>.tmp` beside it and are flushed to the disk. Only when all are there
/// do they get their names, in the given order; then the names are flushed with the directory. A crash leaves at worst the
/// hidden files, which the next write replaces. Meanwhile the directory is locked, so that two who write the same files do
/// not mix their bytes.
package struct ReplacementFiles {
    /// A file that is being written.
    package final class Draft {
        /// Bytes that are buffered before they are written.
        private static let bufferBytes = 1 << 16

        private let file: ReplacementFile
        private var buffer: [UInt8] = []

        fileprivate init(_ path: FilePath, temporary: FilePath, disk: Disk) throws(FileError) {
            do {
                file = try ReplacementFile(path, temporary: temporary, disk: disk)
            } catch {
                throw error.about(path)
            }
        }

        package func append(_ text: String) throws(FileError) {
            buffer.append(contentsOf: text.utf8)
            if buffer.count >= Self.bufferBytes { try write() }
        }

        fileprivate func finish() throws(FileError) {
            try write()
            do {
                try file.synchronize()
            } catch {
                throw error.about(file.path)
            }
        }

        fileprivate func takeName() throws(FileError) {
            do {
                try file.takeName()
            } catch {
                throw error.about(file.path)
            }
        }

        private func write() throws(FileError) {
            do {
                try file.append(buffer.span.bytes)
            } catch {
                throw error.about(file.path)
            }
            buffer.removeAll(keepingCapacity: true)
        }
    }

    private let directory: FilePath
    private let disk: Disk

    package init(in directory: FilePath, disk: Disk = Disk()) {
        self.directory = directory
        self.disk = disk
    }

    /// Writes the files with these names, in which they are handed to `body`.
    ///
    /// - Throws: `FileError` with the path of the file that could not be replaced; what `body` throws.
    package func write(_ names: [String], _ body: ([Draft]) async throws -> Void) async throws {
        let folder = try disk.open(directory, .readOnly, options: .directory)
        guard flock(folder.descriptor, LOCK_EX) == 0 else {
            throw FileError("lock", directory, Errno(rawValue: errno))
        }
        // Unlock explicitly: a child forked concurrently inherits the descriptor until exec.
        defer { flock(folder.descriptor, LOCK_UN) }
        var drafts: [Draft] = []
        for name in names {
            let temporary = directory.appending(".\(name).\(Disk.temporaryExtension)")
            drafts.append(try Draft(directory.appending(name), temporary: temporary, disk: disk))
        }
        try await body(drafts)
        for draft in drafts { try draft.finish() }
        for draft in drafts { try draft.takeName() }
        try folder.synchronize()
    }
}

extension FileError {
    /// The same error, about the file that was to be replaced instead of the temporary one.
    fileprivate func about(_ path: FilePath) -> FileError { FileError(code, path, reason, cure: cure) }
}
