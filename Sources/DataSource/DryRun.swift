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
                // At a set rate, each record is shown when it is due.
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

/// Turns events into printed lines.
private struct RecordPrinter: Sendable {
    private let form: PrintedForm
    private let encoder = EventEncoder()
    private var key: [UInt8] = []
    private(set) var lines: [UInt8] = []

    init(_ form: PrintedForm) {
        self.form = form
    }

    /// Adds a line.
    mutating func append(_ event: CommunityEvent) {
        key.removeAll(keepingCapacity: true)
        encoder.appendKey(of: event, to: &key)
        switch form {
        case .text:
            lines.append(contentsOf: event.topic.name.utf8)
            lines.append(UInt8(ascii: "\t"))
            lines.append(contentsOf: key)
            lines.append(UInt8(ascii: "\t"))
            if !encoder.appendValue(of: event, key: key, to: &lines) { lines.append(contentsOf: "NULL".utf8) }
        case .json:
            // Neither topics nor keys have characters that JSON escapes.
            lines.append(contentsOf: #"{"topic": ""#.utf8)
            lines.append(contentsOf: event.topic.name.utf8)
            lines.append(contentsOf: #"", "key": ""#.utf8)
            lines.append(contentsOf: key)
            lines.append(contentsOf: #"", "value": "#.utf8)
            if !encoder.appendValue(of: event, key: key, to: &lines) { lines.append(contentsOf: "null".utf8) }
            lines.append(UInt8(ascii: "}"))
        }
        lines.append(UInt8(ascii: "\n"))
    }

    /// Returns the lines and empties the buffer.
    mutating func takeLines() -> [UInt8] {
        defer { lines.removeAll(keepingCapacity: true) }
        return lines
    }
}

/// How a dry run prints a record, one a line.
package enum PrintedForm: Sendable {
    /// Topic, key and value between tabs; `NULL` in place of a value that is not there.
    case text
    /// An object with `topic`, `key` and `value`, which is `null` where it is not there.
    case json
}
