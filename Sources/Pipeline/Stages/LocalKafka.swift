import Foundation
import Ingestor
package import Logging

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
        own.ingestor.listen = "127.0.0.1:0"
        var served = try IngestorConfiguration(own)
        // Nothing may age out, or come to be, because somebody looks.
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
