import Glibc

/// Writes a file so that its name has the old content or the new one, whole, and never a part.
///
/// The bytes go to the hidden file `.<name>.tmp` beside it, are flushed to the disk, and only then get the name; the name
/// itself is flushed with the directory. A crash leaves at worst the hidden file, which the next write replaces. Meanwhile
/// the directory is locked, so that two who write the same report do not mix their bytes.
enum AtomicFile {
    /// - Parameter content: called until it returns `nil`; the pieces are written one behind the other.
    static func write(_ path: String, _ content: () -> String?) throws(ReportError) {
        let (directory, name) = split(path)
        let folder = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw .writing(path, reason()) }
        var problem = flock(folder, LOCK_EX) == 0 ? nil : reason()
        if problem == nil { problem = replace(path, by: "\(directory)/.\(name).tmp", content) }
        if problem == nil, fsync(folder) != 0 { problem = reason() }
        if close(folder) != 0, problem == nil { problem = reason() }
        if let problem { throw .writing(path, problem) }
    }

    /// - Returns: why it could not be done, or `nil`.
    private static func replace(_ path: String, by temporary: String, _ content: () -> String?) -> String? {
        guard let file = fopen(temporary, "wbe") else { return reason() }
        var problem: String?
        while problem == nil, let piece = content() {
            let text = Array(piece.utf8)
            if fwrite(text, 1, text.count, file) != text.count { problem = reason() }
        }
        if problem == nil, fflush(file) != 0 || fsync(fileno(file)) != 0 { problem = reason() }
        if fclose(file) != 0, problem == nil { problem = reason() }
        if problem == nil, rename(temporary, path) != 0 { problem = reason() }
        if problem != nil { _ = unlink(temporary) }
        return problem
    }

    private static func split(_ path: String) -> (directory: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return (".", path) }
        let directory = slash == path.startIndex ? "/" : String(path[..<slash])
        return (directory, String(path[path.index(after: slash)...]))
    }

    private static func reason() -> String { String(cString: strerror(errno)) }
}
