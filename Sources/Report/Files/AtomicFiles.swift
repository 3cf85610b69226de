import Glibc

/// Replaces several files of one directory, each whole and never in part, and none of them unless all could be written.
///
/// The bytes of each go to the hidden file `.<name>.tmp` beside it and are flushed to the disk. Only when all are there
/// do they get their names, in the given order; then the names are flushed with the directory. A crash leaves at worst the
/// hidden files, which the next write replaces. Meanwhile the directory is locked, so that two who write the same files do
/// not mix their bytes.
enum AtomicFiles {
    /// A file to be written.
    struct File {
        let name: String
        /// Called until it returns `nil`; the pieces are written one behind the other.
        let content: () -> String?
    }

    static func write(_ files: [File], in directory: String) throws(ReportError) {
        let folder = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw .writing(directory, reason()) }
        var failure: (path: String, reason: String)?
        if flock(folder, LOCK_EX) == 0 {
            failure = stage(files, directory) ?? name(files, directory)
        } else {
            failure = (directory, reason())
        }
        if failure == nil, fsync(folder) != 0 { failure = (directory, reason()) }
        if close(folder) != 0, failure == nil { failure = (directory, reason()) }
        if let failure { throw .writing(failure.path, failure.reason) }
    }

    /// - Returns: why a file could not be written, or `nil`; then nothing is left behind.
    private static func stage(_ files: [File], _ directory: String) -> (path: String, reason: String)? {
        for file in files {
            guard let problem = write(file.content, to: temporary(file, directory)) else { continue }
            // What was staged is not used, whatever these return.
            for file in files { _ = unlink(temporary(file, directory)) }
            return ("\(directory)/\(file.name)", problem)
        }
        return nil
    }

    private static func name(_ files: [File], _ directory: String) -> (path: String, reason: String)? {
        for (index, file) in files.enumerated() {
            let path = "\(directory)/\(file.name)"
            guard rename(temporary(file, directory), path) != 0 else { continue }
            let problem = reason()
            for file in files[index...] { _ = unlink(temporary(file, directory)) }
            return (path, problem)
        }
        return nil
    }

    private static func write(_ content: () -> String?, to path: String) -> String? {
        guard let file = fopen(path, "wbe") else { return reason() }
        var problem: String?
        while problem == nil, let piece = content() {
            var text = piece
            let count = text.utf8.count
            if text.withUTF8({ fwrite($0.baseAddress, 1, count, file) }) != count { problem = reason() }
        }
        if problem == nil, fflush(file) != 0 || fsync(fileno(file)) != 0 { problem = reason() }
        if fclose(file) != 0, problem == nil { problem = reason() }
        return problem
    }

    private static func temporary(_ file: File, _ directory: String) -> String { "\(directory)/.\(file.name).tmp" }

    private static func reason() -> String { String(cString: strerror(errno)) }
}
