package import SystemPackage

/// Limits of this module. Each bound has its name here.
package enum Limits {
    /// The largest state file that is read.
    package static let stateFileBytesMax = 64 << 20
    /// The longest first line that may be the header of a state file.
    package static let headerBytesMax = 1024
    /// The process's umask removes the rights of others: all of them, unless `hera` is told otherwise.
    package static let filePermissions: FilePermissions = [.ownerReadWrite, .groupReadWrite, .otherReadWrite]
    package static let directoryPermissions: FilePermissions = [
        .ownerReadWriteExecute, .groupReadWriteExecute, .otherReadWriteExecute,
    ]
}
