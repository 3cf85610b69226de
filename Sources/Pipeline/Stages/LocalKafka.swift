import Foundation
import Ingestor
package import Logging
import ServiceLifecycle

/// The Kafka of a pipeline's directory, whether the pipeline runs or not: where it does not, the ingestor serves for as
/// long as something is asked of it, on a port of its own.
package struct LocalKafka: Sendable {
    private let configuration: PipelineConfiguration
    private let paths: PipelinePaths
    private let logger: Logger

    package init(_ configuration: PipelineConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        paths = PipelinePaths(data: configuration.data)
    }

    /// Runs `body` with the address to start from, and whether the pipeline runs.
    ///
    /// - Throws: where there is no pipeline in the directory, and what `body` throws.
    package func run<Result: Sendable>(
        _ body: @escaping @Sendable (_ bootstrap: String, _ isRunning: Bool) async throws -> Result
    ) async throws -> Result {
        guard FileManager.default.fileExists(atPath: paths.ingestor) else {
            throw LocalAuditError.noPipeline(configuration.data)
        }
        var own = configuration
        own.ingestor.listenPrivately()
        var served = try IngestorConfiguration(own)
        // Reading must not delete records or make topics.
        served.maintainsLogs = false
        let ingestor = Ingestor(configuration: served, logger: logger)
        do {
            return try await whileRunning(ingestor) {
                try await body(ingestor.boundAddress.description, false)
            }
        } catch let error as IngestorError where error.code == .inUse {
            return try await body(try runningAddress(), true)
        }
    }

    private func runningAddress() throws -> String {
        guard let address = AddressFile.read(paths.kafkaAddress) else {
            throw LocalAuditError.addressUnknown(configuration.data)
        }
        return address
    }
}

/// Runs `body` while a service runs; then stops the service in order and waits for its end.
///
/// - Throws: what `body` throws, or what the service failed with, whichever came first.
func whileRunning<Result: Sendable>(
    _ service: any Service,
    _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    let group = ServiceGroup(
        services: [service],
        logger: Logger(label: "services") { _ in SwiftLogNoOpLogHandler() }
    )
    return try await withThrowingTaskGroup(of: Result?.self) { tasks in
        tasks.addTask {
            try await group.run()
            return nil
        }
        tasks.addTask { try await body() }
        var outcome: Result?
        do {
            // The service does not end by itself, so the first to come is the result of `body`.
            while outcome == nil, let next = try await tasks.next() { outcome = next }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        } catch {
            await group.triggerGracefulShutdown()
            tasks.cancelAll()
            throw error
        }
        guard let outcome else { throw CancellationError() }
        return outcome
    }
}
