package import SystemPackage

/// Why an operation on a file failed: what, where, why, and what to do next.
package struct FileError: Error, Sendable, CustomStringConvertible {
    /// The kinds of failure that callers tell apart.
    package enum Code: Sendable, Hashable {
        /// No space is left on the device, or a quota is used up.
        case noSpace
        /// The process or the machine has no descriptor left.
        case tooManyOpenFiles
        /// This user may not do it.
        case notPermitted
        /// Something else has the name.
        case inTheWay
        /// There is no such file.
        case notFound
        /// Another process holds the lock.
        case locked
        /// The file is not what was written.
        case damaged
        /// The file is of a format that this program does not know.
        case unknownFormat
        /// Anything else that the operating system refused.
        case failed
    }

    package let code: Code
    package let path: FilePath
    /// What failed and why, without a full stop.
    package let reason: String
    /// What to do next, as a sentence; empty where there is nothing to say.
    package let cure: String

    package init(_ code: Code, _ path: FilePath, _ reason: String, cure: String) {
        self.code = code
        self.path = path
        self.reason = reason
        self.cure = cure
    }

    /// A system call failed.
    ///
    /// - Parameter action: What was tried, to be followed by the path: "open", "write to".
    package init(_ action: String, _ path: FilePath, _ number: Errno) {
        let (code, cure) = Self.meaning(of: number)
        self.init(code, path, "cannot \(action) \(path): \(number)", cure: cure)
    }

    package var description: String { cure.isEmpty ? reason : "\(reason). \(cure)" }

    package static func damaged(_ path: FilePath, _ reason: String, cure: String) -> FileError {
        FileError(.damaged, path, "\(path) is damaged: \(reason)", cure: cure)
    }

    /// What an error number means for a file, and what to do about it.
    private static func meaning(of number: Errno) -> (Code, cure: String) {
        switch number {
        case .noSpace, .diskQuotaExceeded: (.noSpace, "Free space there")
        case .tooManyOpenFiles, .tooManyOpenFilesInSystem:
            (.tooManyOpenFiles, "Raise the limit of open files (ulimit -n)")
        case .permissionDenied, .notPermitted, .readOnlyFileSystem:
            (.notPermitted, "Give this user the right to write there")
        case .fileExists, .notDirectory, .isDirectory, .directoryNotEmpty:
            (.inTheWay, "Move away what has this name, or choose another place")
        case .noSuchFileOrDirectory: (.notFound, "")
        case .ioError: (.failed, "Check the disk")
        default: (.failed, "")
        }
    }
}
