import Logging
import ServiceLifecycle

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
