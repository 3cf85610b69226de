import Glibc

/// Writes a file so that its name has the old content or the new one, whole, and never a part.
///
/// The bytes go to a hidden file beside it, which takes the name when all of them are on the disk.
enum AtomicFile {
    /// - Parameter content: called until it returns `nil`; the pieces are written one behind the other.
    static func write(_ path: String, _ content: () -> String?) throws(ReportError) {
        let (directory, name) = split(path)
        let temporary = "\(directory)/.\(name).\(getpid())"
        guard let file = fopen(temporary, "wbe") else { throw .writing(path, reason()) }
        var problem: String?
        while problem == nil, let piece = content() {
            let text = Array(piece.utf8)
            if fwrite(text, 1, text.count, file) != text.count { problem = reason() }
        }
        if problem == nil, fflush(file) != 0 || fsync(fileno(file)) != 0 { problem = reason() }
        if fclose(file) != 0, problem == nil { problem = reason() }
        if problem == nil, rename(temporary, path) != 0 { problem = reason() }
        if let problem {
            _ = unlink(temporary)
            throw .writing(path, problem)
        }
    }

    private static func split(_ path: String) -> (directory: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return (".", path) }
        return (String(path[..<slash]), String(path[path.index(after: slash)...]))
    }

    private static func reason() -> String { String(cString: strerror(errno)) }
}
