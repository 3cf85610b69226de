import Ingestor
import ServiceLifecycle

/// A stage that needs the ingestor's address: it begins when that is known.
struct AfterIngestor: Service {
    let ingestor: Ingestor
    /// The stage, until graceful shutdown.
    let stage: @Sendable (_ bootstrap: String) async throws -> Void

    func run() async throws {
        let address: ListenAddress
        do {
            address = try await ingestor.boundAddress
        } catch {
            // The ingestor's own service says why; a second voice would hide it.
            return
        }
        try await stage(address.description)
    }
}
