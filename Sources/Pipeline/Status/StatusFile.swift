import Files
import Foundation
import Logging
import ServiceLifecycle
import SystemPackage

/// The file in which a running pipeline says how it is, for `hera status`: a ``PipelineStatus`` as JSON, replaced every
/// few seconds. A reader sees the old one or the new one. It does not survive a power cut, which it need not.
package struct StatusFile: Sendable {
    package enum Limits {
        /// The time between two writes.
        package static let interval = Duration.seconds(2)
        /// A status that is older was left by a pipeline that ended without stopping in order.
        package static let oldAfterMilliseconds: Int64 = 15_000
    }

    private let file: FilePath

    package init(path: String) {
        file = FilePath(path)
    }

    /// - Returns: the status that was last written; `nil` where there is none.
    /// - Throws: `FileError` where the file cannot be read; `StatusFileError` where it holds something else.
    package func read() throws -> PipelineStatus? {
        guard let bytes = try Disk().contents(of: file) else { return nil }
        do {
            return try JSONDecoder().decode(PipelineStatus.self, from: Data(bytes))
        } catch {
            throw StatusFileError(
                description: "\(file) is not the status of a pipeline of this version; `hera up` replaces it"
            )
        }
    }

    /// Writes `status` every few seconds until graceful shutdown. The pipeline runs also where the file cannot be
    /// written, on a full disk for example.
    func follow(
        _ status: @escaping @Sendable () -> PipelineStatus,
        every interval: Duration = Limits.interval,
        logger: Logger
    ) async {
        // Ends by cancellation alone.
        try? await cancelWhenGracefulShutdown {
            var wasWritten = true
            while true {
                do {
                    try write(status())
                    wasWritten = true
                } catch {
                    if wasWritten {
                        logger.warning(
                            "`hera status` shows an old status: it cannot be written",
                            metadata: [LogKeys.error: "\(error)"]
                        )
                    }
                    wasWritten = false
                }
                try await Task.sleep(for: interval)
            }
        }
    }

    /// Writes how a pipeline ended, where it has written before: one that never served was refused, and the file may be
    /// that of the pipeline that runs here.
    func writeLast(_ status: PipelineStatus) {
        guard status.kafka != nil else { return }
        // Without it `hera status` says that the status is old.
        try? write(status)
    }

    private func write(_ status: PipelineStatus) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let disk = Disk()
        try disk.makeDirectory(file.directory)
        try disk.replace(file, with: Array(encoder.encode(status)) + [UInt8(ascii: "\n")], durably: false)
    }
}

/// Why a status cannot be shown.
package struct StatusFileError: Error, CustomStringConvertible {
    package let description: String
}
