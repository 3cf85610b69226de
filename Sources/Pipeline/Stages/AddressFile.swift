import Foundation
import ServiceLifecycle

/// The file that tells other commands on this machine where the running pipeline listens.
struct AddressFile: Sendable {
    let path: String

    /// Writes the address, keeps it while the pipeline runs, and takes it away at the end.
    func publish(_ address: String, whileRunning body: () async throws -> Void) async throws {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data("\(address)\n".utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await body()
    }
}
