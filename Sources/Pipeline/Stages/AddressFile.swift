import Files
import Logging
import ServiceLifecycle
import SystemPackage

/// The file that tells other commands on this machine where the running pipeline listens.
struct AddressFile: Sendable {
    let path: String
    let logger: Logger

    /// The address of the pipeline that runs; `nil` where none does, or cannot be asked.
    static func read(_ path: String) -> String? {
        // A file that cannot be read counts as none.
        guard let bytes = try? Disk().contents(of: FilePath(path)) else { return nil }
        return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }

    /// Writes the address, keeps it while the pipeline runs, and removes it at the end. The pipeline also runs where
    /// the file cannot be written, on a full disk for example.
    func publish(_ address: String, whileRunning body: () async throws -> Void) async throws {
        let (disk, file) = (Disk(), FilePath(path))
        do throws(FileError) {
            try disk.makeDirectory(file.directory)
            try disk.replace(file, with: Array("\(address)\n".utf8), durably: false)
        } catch {
            // An address of an earlier run would mislead other commands.
            try? disk.remove(file)
            logger.warning(
                "other commands do not find this pipeline by its directory: its address could not be written there",
                metadata: [LogKeys.error: "\(error)"]
            )
        }
        // A stale file is harmless: nothing listens at its address.
        defer { try? disk.remove(file) }
        try await body()
    }
}
