import CommitLog
import Ingestor
import Logging
import NIOCore
import PipelineTesting
import ServiceLifecycle
import SystemPackage

/// Runs an ingestor on a free port of this machine while `body` runs, then stops it in order.
func withIngestor<Result: Sendable>(
    in directory: FilePath,
    log: CollectedLog = CollectedLog(),
    configure: (inout IngestorConfiguration) -> Void = { _ in },
    _ body: (ListenAddress) async throws -> Result
) async throws -> Result {
    try await withListeners(in: directory, log: log, configure: configure) { try await body($0[0].address) }
}

/// The same where it has several listeners.
func withListeners<Result: Sendable>(
    in directory: FilePath,
    log: CollectedLog = CollectedLog(),
    configure: (inout IngestorConfiguration) -> Void = { _ in },
    _ body: ([BoundListener]) async throws -> Result
) async throws -> Result {
    var configuration = IngestorConfiguration(directory: directory.appending("ingestor").string)
    configuration.listeners = [.free]
    configuration.groups.initialRebalanceDelay = .milliseconds(10)
    configuration.log.retentionMilliseconds = nil
    configure(&configuration)
    let ingestor = Ingestor(configuration: configuration, logger: log.logger)
    let services = ServiceGroup(
        services: [ingestor],
        logger: Logger(label: "services") { _ in SwiftLogNoOpLogHandler() }
    )
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await services.run() }
        let result: Swift.Result<Result, any Error>
        do {
            result = .success(try await body(try await ingestor.boundListeners))
        } catch {
            result = .failure(error)
        }
        await services.triggerGracefulShutdown()
        try await group.waitForAll()
        return try result.get()
    }
}

extension ListenerConfiguration {
    /// On a free port of the loopback.
    static let free = free("PLAINTEXT")

    static func free(_ name: String, advertised: ListenAddress? = nil) -> ListenerConfiguration {
        ListenerConfiguration(name: name, listen: ListenAddress(host: "127.0.0.1", port: 0), advertised: advertised)
    }
}

/// An ingestor with a directory of its own.
func withIngestor<Result: Sendable>(
    log: CollectedLog = CollectedLog(),
    configure: (inout IngestorConfiguration) -> Void = { _ in },
    _ body: (ListenAddress) async throws -> Result
) async throws -> Result {
    try await withTemporaryDirectory { directory in
        try await withIngestor(in: directory, log: log, configure: configure, body)
    }
}
