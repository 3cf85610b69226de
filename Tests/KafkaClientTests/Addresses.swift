import Ingestor
import Logging
import PipelineTesting
import SystemPackage

/// Runs `body` with an embedded ingestor on loopback; it is given the addresses to start from.
func withIngestor<Result: Sendable>(
    _ body: ([String]) async throws -> Result
) async throws -> Result {
    try await withTemporaryDirectory { directory in
        var configuration = IngestorConfiguration(directory: directory.string)
        configuration.listeners = [ListenerConfiguration(listen: ListenAddress(host: "127.0.0.1", port: 0))]
        let ingestor = Ingestor(
            configuration: configuration,
            logger: Logger(label: "ingestor") { _ in SwiftLogNoOpLogHandler() }
        )
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await ingestor.run() }
            let address = try await ingestor.boundAddress
            defer { group.cancelAll() }
            return try await body(["\(address)"])
        }
    }
}
