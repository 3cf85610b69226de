import Foundation
import Logging
import ServiceLifecycle

/// The file that tells other commands on this machine where the running pipeline listens.
struct AddressFile: Sendable {
    let path: String
    let logger: Logger

    /// Writes the address, keeps it while the pipeline runs, and takes it away at the end. The pipeline runs also where
    /// the file cannot be written, on a full disk for example.
    func publish(_ address: String, whileRunning body: () async throws -> Void) async throws {
        do {
            try write(address)
        } catch {
            // An address of an earlier run would lead others astray.
            try? FileManager.default.removeItem(atPath: path)
            logger.warning(
                "other commands do not find this pipeline by its directory: its address could not be written there",
                metadata: [LogKeys.error: "\(path): \(Self.reason(error))"]
            )
        }
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await body()
    }

    private func write(_ address: String) throws {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data("\(address)\n".utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    }

    /// The system's words, without Foundation's.
    private static func reason(_ error: any Error) -> String {
        let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
        let code = underlying?.domain == NSPOSIXErrorDomain ? underlying?.code : nil
        return code.map { String(cString: strerror(Int32($0))) } ?? "it is not writable"
    }
}
