import Files
import Glibc
import SystemPackage

/// Replaces several files of one directory, each whole and never in part, and none of them unless all could be written.
///
/// The bytes of each go to the hidden file `.<name>.tmp` beside it and are flushed to the disk. Only when all are there
/// do they get their names, in the given order; then the names are flushed with the directory. A crash leaves at worst the
/// hidden files, which the next write replaces. Meanwhile the directory is locked, so that two who write the same files do
/// not mix their bytes.
struct AtomicFiles {
    /// A file that is being written.
    final class Draft {
        /// Bytes that are buffered before they are written.
        private static let bufferBytes = 1 << 16

        private let path: FilePath
        private let file: ReplacementFile
        private var buffer: [UInt8] = []

        fileprivate init(_ path: FilePath, temporary: FilePath, disk: Disk) throws(ReportError) {
            self.path = path
            do {
                file = try ReplacementFile(path, temporary: temporary, disk: disk)
            } catch {
                throw .writing(path.string, error)
            }
        }

        func append(_ text: String) throws(ReportError) {
            buffer.append(contentsOf: text.utf8)
            if buffer.count >= Self.bufferBytes { try write() }
        }

        fileprivate func finish() throws(ReportError) {
            try write()
            do {
                try file.synchronize()
            } catch {
                throw .writing(path.string, error)
            }
        }

        fileprivate func takeName() throws(ReportError) {
            do {
                try file.takeName()
            } catch {
                throw .writing(path.string, error)
            }
        }

        private func write() throws(ReportError) {
            do {
                try file.append(buffer.span.bytes)
            } catch {
                throw .writing(path.string, error)
            }
            buffer.removeAll(keepingCapacity: true)
        }
    }

    let directory: FilePath
    let disk: Disk

    /// Writes the files with these names, in which they are handed to `body`.
    func write(
        _ names: [String],
        _ body: ([Draft]) async throws(ReportError) -> Void
    ) async throws(ReportError) {
        let folder: OpenFile
        do throws(FileError) {
            folder = try disk.open(directory, .readOnly, options: .directory)
            guard flock(folder.descriptor, LOCK_EX) == 0 else {
                throw FileError("lock", directory, Errno(rawValue: errno))
            }
        } catch {
            throw .writing(directory.string, error)
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
        do {
            try folder.synchronize()
        } catch {
            throw .writing(directory.string, error)
        }
    }
}
