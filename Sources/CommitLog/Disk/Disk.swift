import FoundationEssentials
import Glibc
import NIOCore
import SystemPackage

/// Small operations on directories and state files.
enum Disk {
    static let filePermissions: FilePermissions = [.ownerReadWrite, .groupRead, .otherRead]
    /// Ends the name of a state file that is not whole yet; such files are removed when a log is opened.
    static let temporaryExtension = "tmp"

    static func exists(_ path: FilePath) -> Bool { access(path.string, F_OK) == 0 }

    static func isDirectory(_ path: FilePath) -> Bool {
        var isDirectory = false
        return FileManager.default.fileExists(atPath: path.string, isDirectory: &isDirectory) && isDirectory
    }

    /// Makes a directory, and those above it that do not exist.
    ///
    /// - Returns: the directories that have a new name in them; see ``synchronizeDirectory(_:calls:)``.
    @discardableResult
    static func makeDirectory(_ path: FilePath) throws(LogError) -> [FilePath] {
        if isDirectory(path) { return [] }
        let parent = path.removingLastComponent()
        let above = parent.isEmpty ? [] : try makeDirectory(parent)
        // The process's file mode creation mask takes away what it must.
        if mkdir(path.string, 0o777) != 0 {
            let number = errno
            // It may be there by now: another process made it, or its name is one for the directory above ("new/.").
            guard number == EEXIST, isDirectory(path) else {
                throw LogError.storage("make the directory", path, Errno(rawValue: number))
            }
        }
        return above + [parent.isEmpty ? "." : parent]
    }

    /// The names in a directory, in order.
    static func names(in directory: FilePath) throws(LogError) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: directory.string).sorted()
        } catch {
            throw LogError.storage("list", directory, number(of: error))
        }
    }

    static func rename(_ path: FilePath, to target: FilePath) throws(LogError) {
        guard Glibc.rename(path.string, target.string) == 0 else {
            throw LogError.storage("rename to \(target)", path, Errno(rawValue: errno))
        }
    }

    /// Removes a file; one that is not there counts as removed.
    static func remove(_ path: FilePath) throws(LogError) {
        guard unlink(path.string) == 0 || errno == ENOENT else {
            throw LogError.storage("delete", path, Errno(rawValue: errno))
        }
    }

    /// Removes a directory with all that it holds.
    static func removeTree(_ path: FilePath) throws(LogError) {
        do {
            try FileManager.default.removeItem(atPath: path.string)
        } catch {
            if exists(path) { throw LogError.storage("delete", path, number(of: error)) }
        }
    }

    /// What the operating system said: Foundation's own words are none for a person.
    private static func number(of error: any Error) -> Errno {
        let underlying = (error as? CocoaError)?.underlying as? POSIXError
        return underlying.map { Errno(rawValue: $0.code.rawValue) } ?? .ioError
    }

    /// Makes the names in a directory (new, renamed and removed files) survive a power cut.
    static func synchronizeDirectory(_ path: FilePath, calls: DiskCalls) throws(LogError) {
        try LogFile(path, calls: calls).synchronize()
    }

    /// All bytes of a state file; `nil` where there is none.
    static func contents(of path: FilePath) throws(LogError) -> ByteBuffer? {
        guard exists(path) else { return nil }
        let file = try LogFile(path)
        let size = try file.size()
        guard size <= LogLimits.stateFileBytesMax else {
            throw .damaged(path, "it has \(size) bytes, at most \(LogLimits.stateFileBytesMax) are expected")
        }
        var bytes = ByteBuffer()
        try file.read(size, at: 0, into: &bytes)
        return bytes
    }

    /// Puts `bytes` in the place of a state file, at once: whoever reads sees the old file or the new one.
    ///
    /// - Parameter durably: whether it also holds after a power cut; it waits for the device then.
    static func replace(_ path: FilePath, with bytes: ByteBuffer, durably: Bool, calls: DiskCalls) throws(LogError) {
        let temporary = FilePath(path.string + "." + temporaryExtension)
        let file = try LogFile(temporary, .writeOnly, options: [.create, .truncate], calls: calls)
        try file.write(bytes.readableBytesSpan, at: 0)
        if durably { try file.synchronize() }
        try rename(temporary, to: path)
        if durably { try synchronizeDirectory(path.removingLastComponent(), calls: calls) }
    }
}
