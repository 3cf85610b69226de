package import SystemPackage

/// What this module reads and makes. Each bound has its name here.
package enum Limits {
    /// The largest state file that is read.
    package static let stateFileBytesMax = 64 << 20
    /// The longest first line that may be the header of a state file.
    package static let headerBytesMax = 1024
    /// Files are for their owner only: they hold what partners sent.
    package static let filePermissions: FilePermissions = .ownerReadWrite
    package static let directoryPermissions: FilePermissions = .ownerReadWriteExecute
}
