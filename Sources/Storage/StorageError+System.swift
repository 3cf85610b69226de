import Glibc
import SystemPackage

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
