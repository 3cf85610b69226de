import Community
import ServiceLifecycle

/// The same records as a run of `DataSource`, printed in the order they are made instead of sent.
package struct DryRun<Time: Clock>: Sendable where Time.Duration == Duration {
    private let configuration: DataSourceConfiguration
    private let clock: Time
    private let form: PrintedForm

    /// - Parameter clock: paces the run.
    package init(_ configuration: DataSourceConfiguration, clock: Time, form: PrintedForm) {
        self.configuration = configuration
        self.clock = clock
        self.form = form
    }

    /// Prints until all is printed, or graceful shutdown or cancellation ends it.
    ///
    /// - Parameter write: gets many lines at once.
    /// - Throws: `DataSourceError` where the configuration makes no sense; what `write` throws.
    package func run(write: ([UInt8]) throws -> Void) async throws {
        if let problem = configuration.problem { throw DataSourceError.badConfiguration(problem) }
        let begin = clock.now
        var plan = SourcePlan(
            total: configuration.totalRecords,
            duration: configuration.duration,
            rate: configuration.rate
        )
        var generator = CommunityGenerator(configuration.community)
        var printer = RecordPrinter(form)
        while true {
            if Task.isCancelled || Task.isShuttingDownGracefully { plan.stop() }
            switch plan.next(now: begin.duration(to: clock.now)) {
            case .make(let count):
                for _ in 0..<count {
                    printer.append(generator.next())
                    if printer.lines.count >= Limits.printedBytes { try write(printer.takeLines()) }
                }
                // Who watches a slow run wants to see each record when it is due.
                if configuration.rate != nil { try write(printer.takeLines()) }
            case .wait(let time):
                // Throws where the task is cancelled: the next turn notices it.
                try? await clock.sleep(for: time)
            case .end:
                return try write(printer.takeLines())
            }
        }
    }
}
