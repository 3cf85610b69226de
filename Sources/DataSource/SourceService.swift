import ServiceLifecycle
import Synchronization

/// A run of the source as a service: graceful shutdown ends it, and its result can be asked for then.
package final class SourceService<Time: Clock>: Service where Time.Duration == Duration {
    private let source: DataSource<Time>
    private let outcome = Mutex<SourceResult?>(nil)

    package init(_ source: DataSource<Time>) {
        self.source = source
    }

    /// What the run did; `nil` before it has ended.
    package var result: SourceResult? { outcome.withLock { $0 } }

    /// Runs once.
    ///
    /// - Throws: `DataSourceError`, what is in the result too.
    package func run() async throws {
        let result = await source.run()
        outcome.withLock { $0 = result }
        if let failure = result.failure { throw failure }
    }
}
