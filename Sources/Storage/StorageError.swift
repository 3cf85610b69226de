import Glibc
import SystemPackage

/// Why a file system could not do what was asked: what, where, why, and what to do next.
package struct StorageError: Error, Sendable, CustomStringConvertible {
    /// The kinds of failure that callers tell apart.
    package struct Code: Hashable, Sendable {
        private enum Kind: Hashable, Sendable {
            case notFound, alreadyExists, permissionDenied, noSpace, notADirectory, isADirectory, readOnly
            case invalidPath, wrongLength, tooManyOpenFiles, tooLarge, unavailable, answerLost, closed, failed
            case deviceError, notAFile, unsupported
        }

        private let kind: Kind

        /// Nothing has this name.
        package static let notFound = Code(kind: .notFound)
        /// Something has this name already.
        package static let alreadyExists = Code(kind: .alreadyExists)
        /// The user that runs this program may not do it.
        package static let permissionDenied = Code(kind: .permissionDenied)
        /// The disk, or a quota, is full.
        package static let noSpace = Code(kind: .noSpace)
        /// A component of the path is a file.
        package static let notADirectory = Code(kind: .notADirectory)
        /// The path is a directory where a file is needed.
        package static let isADirectory = Code(kind: .isADirectory)
        /// The storage is mounted for reading alone.
        package static let readOnly = Code(kind: .readOnly)
        /// The text is not a path below the root of the storage.
        package static let invalidPath = Code(kind: .invalidPath)
        /// A closed file does not have the length that was written.
        package static let wrongLength = Code(kind: .wrongLength)
        /// The process has as many files open as it may.
        package static let tooManyOpenFiles = Code(kind: .tooManyOpenFiles)
        /// The file is larger than the caller allows.
        package static let tooLarge = Code(kind: .tooLarge)
        /// The storage is not available; the operation was not done.
        package static let unavailable = Code(kind: .unavailable)
        /// No answer came: the operation may be done, may not be, or may be done later.
        package static let answerLost = Code(kind: .answerLost)
        /// The file was closed before.
        package static let closed = Code(kind: .closed)
        /// The device could not read or write (EIO).
        package static let deviceError = Code(kind: .deviceError)
        /// The name is a pipe, a socket or a device: reading it could block for ever.
        package static let notAFile = Code(kind: .notAFile)
        /// No file system of this build serves such a location.
        package static let unsupported = Code(kind: .unsupported)
        /// Any other failure.
        package static let failed = Code(kind: .failed)
    }

    /// The operation that failed, in the words of the message.
    package enum Operation: String, Sendable {
        case create, write, close, read, list, stat, delete, rename, path, use
        case synchronize = "force to the disk"
        case createDirectory = "create the directory"
    }

    package let code: Code
    package let operation: Operation
    /// The path, as the storage knows it.
    package let path: String
    /// Why, in words.
    package let reason: String

    package init(_ code: Code, _ operation: Operation, _ path: String, _ reason: String) {
        self.code = code
        self.operation = operation
        self.path = path
        self.reason = reason
    }

    /// Whether the operation may succeed once the cause is gone: space is freed, a permission is given, the storage is
    /// mounted again. Callers retry with a growing delay.
    ///
    /// The others mean that something lies where it must not, or that this program made a mistake.
    package var isRetriable: Bool {
        switch code {
        case .unavailable, .answerLost, .tooManyOpenFiles, .noSpace, .permissionDenied, .readOnly, .deviceError,
            .wrongLength, .notFound, .alreadyExists, .failed:
            true
        default: false
        }
    }

    /// What an operator can do about it; empty if there is no advice.
    package var advice: String {
        switch code {
        case .permissionDenied: "give the user that runs this program the right to do so"
        case .noSpace: "free some space; nothing is lost meanwhile"
        case .readOnly: "mount the storage for writing; a disk that reports errors is often mounted read-only"
        case .tooManyOpenFiles: "raise the limit of open files (ulimit -n)"
        case .notADirectory: "move the file that is in the way"
        case .isADirectory: "move the directory that is in the way"
        case .notAFile: "move it away: only files and directories belong there"
        case .deviceError: "see the kernel's log (dmesg) for the device, and save what is on it"
        case .notFound: "check the path"
        case .unsupported:
            "name a directory of this machine, by its path or a file: URL, or an hdfs:, webhdfs: or swebhdfs: URL"
        default: ""
        }
    }

    package var description: String {
        let what = operation == .path ? "not a path of the storage: '\(path)'" : "cannot \(operation.rawValue) \(path)"
        return advice.isEmpty ? "\(what): \(reason)" : "\(what): \(reason); \(advice)"
    }
}

extension StorageError {
    /// The error of a system call.
    init(_ error: Errno, _ operation: Operation, _ path: String) {
        self.init(number: error.rawValue, operation, path)
    }

    /// The error of a system call by its number (`errno`).
    init(number: Int32, _ operation: Operation, _ path: String) {
        let code: Code =
            switch number {
            case ENOENT: .notFound
            case EEXIST, ENOTEMPTY: .alreadyExists
            case EACCES, EPERM: .permissionDenied
            case ENOSPC, EDQUOT: .noSpace
            case ENOTDIR: .notADirectory
            case EISDIR: .isADirectory
            case EROFS: .readOnly
            case EMFILE, ENFILE: .tooManyOpenFiles
            case EINTR, EAGAIN, EBUSY, ESTALE, ETIMEDOUT: .unavailable
            case EFBIG: .tooLarge
            case EIO: .deviceError
            case ENAMETOOLONG, ELOOP: .invalidPath
            case ENXIO: .notAFile
            default: .failed
            }
        self.init(code, operation, path, String(cString: strerror(number)))
    }
}
