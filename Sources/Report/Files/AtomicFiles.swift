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
    /// Bytes that are gathered before they are written.
    private static let bufferBytes = 1 << 16

    /// A file to be written.
    struct File {
        let name: String
        /// Called until it returns `nil`; the pieces are written one behind the other.
        let content: () -> String?
    }

    let directory: FilePath
    let disk: Disk

    func write(_ files: [File]) throws(ReportError) {
        let folder: OpenFile
        do throws(FileError) {
            folder = try disk.open(directory, .readOnly, options: .directory)
            guard flock(folder.descriptor, LOCK_EX) == 0 else {
                throw FileError("lock", directory, Errno(rawValue: errno))
            }
        } catch {
            throw .writing(directory.string, error)
        }
        // A child forked at this moment inherits the descriptor until it runs its program.
        defer { flock(folder.descriptor, LOCK_UN) }
        do throws(ReportError) {
            for file in files {
                try step(file) { (path, temporary) throws(FileError) in try write(file.content, to: temporary) }
            }
            for file in files {
                try step(file) { (path, temporary) throws(FileError) in try disk.rename(temporary, to: path) }
            }
        } catch {
            // What was staged is not used, whether it can be removed or not.
            for file in files { try? disk.remove(temporary(file)) }
            throw error
        }
        do {
            try folder.synchronize()
        } catch {
            throw .writing(directory.string, error)
        }
    }

    private func step(
        _ file: File,
        _ body: (_ path: FilePath, _ temporary: FilePath) throws(FileError) -> Void
    ) throws(ReportError) {
        let path = directory.appending(file.name)
        do {
            try body(path, temporary(file))
        } catch {
            throw .writing(path.string, error)
        }
    }

    private func write(_ content: () -> String?, to path: FilePath) throws(FileError) {
        let file = try disk.open(path, .writeOnly, options: [.create, .truncate])
        var position = 0
        var buffer: [UInt8] = []
        while let piece = content() {
            buffer.append(contentsOf: piece.utf8)
            guard buffer.count >= Self.bufferBytes else { continue }
            try file.write(buffer.span.bytes, at: position)
            position += buffer.count
            buffer.removeAll(keepingCapacity: true)
        }
        try file.write(buffer.span.bytes, at: position)
        try file.synchronize()
    }

    private func temporary(_ file: File) -> FilePath {
        directory.appending(".\(file.name).\(Disk.temporaryExtension)")
    }
}
