import Community
import PlainText
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
            pace: configuration.pace
        )
        var generator = CommunityGenerator(configuration.community)
        var times = configuration.times
        var printer = RecordPrinter(form)
        while true {
            if Task.isCancelled || Task.isShuttingDownGracefully { plan.stop() }
            switch plan.next(now: begin.duration(to: clock.now)) {
            case .make(let count):
                let elapsed = begin.duration(to: clock.now).milliseconds
                for _ in 0..<count {
                    let record = generator.next()
                    printer.append(
                        record,
                        timestamp: times.timestamp(of: record, at: generator.producedCount - 1, elapsed: elapsed)
                    )
                    if printer.lines.count >= Limits.printedBytes { try write(printer.takeLines()) }
                }
                // At a set rate, each record is shown when it is due.
                if configuration.pace != nil { try write(printer.takeLines()) }
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
    mutating func append(_ record: CommunityRecord, timestamp: Int64?) {
        key.removeAll(keepingCapacity: true)
        encoder.appendKey(of: record, to: &key)
        if record.dirt == .badKey { key = Array(PrintableText.escaping(key).utf8) }
        switch form {
        case .text: appendText(record, timestamp)
        case .json: appendJSON(record, timestamp)
        }
        lines.append(UInt8(ascii: "\n"))
    }

    private mutating func appendText(_ record: CommunityRecord, _ timestamp: Int64?) {
        lines.append(contentsOf: record.topic.name.utf8)
        lines.append(UInt8(ascii: "\t"))
        lines.append(contentsOf: key)
        lines.append(UInt8(ascii: "\t"))
        if !encoder.appendValue(of: record, key: key, to: &lines) { lines.append(contentsOf: "NULL".utf8) }
        if let timestamp {
            lines.append(UInt8(ascii: "\t"))
            lines.append(contentsOf: "\(timestamp)".utf8)
        }
    }

    private mutating func appendJSON(_ record: CommunityRecord, _ timestamp: Int64?) {
        lines.append(contentsOf: #"{"topic": ""#.utf8)
        lines.append(contentsOf: record.topic.name.utf8)
        lines.append(contentsOf: #"", "key": "#.utf8)
        if record.dirt == .badKey {
            lines.append(contentsOf: PythonJSON.string(String(decoding: key, as: UTF8.self)).utf8)
        } else {
            // No other key has a character that JSON escapes.
            lines.append(UInt8(ascii: "\""))
            lines.append(contentsOf: key)
            lines.append(UInt8(ascii: "\""))
        }
        if let timestamp { lines.append(contentsOf: #", "timestamp": \#(timestamp)"#.utf8) }
        lines.append(contentsOf: #", "value": "#.utf8)
        if record.effect.form == .broken {
            var text: [UInt8] = []
            _ = encoder.appendValue(of: record, key: key, to: &text)
            lines.append(contentsOf: PythonJSON.string(String(decoding: text, as: UTF8.self)).utf8)
        } else if !encoder.appendValue(of: record, key: key, to: &lines) {
            lines.append(contentsOf: "null".utf8)
        }
        lines.append(UInt8(ascii: "}"))
    }

    /// Returns the lines and empties the buffer.
    mutating func takeLines() -> [UInt8] {
        defer { lines.removeAll(keepingCapacity: true) }
        return lines
    }
}

/// How a dry run prints a record, one a line.
package enum PrintedForm: Sendable {
    /// Topic, key and value between tabs; `NULL` in place of a value that is not there. The record's time follows, in
    /// milliseconds since 1970, where it has one before it is sent.
    case text
    /// An object with `topic`, `key` and `value`, which is `null` where it is not there, and a text where it is no JSON.
    /// Where the record has a time before it is sent, it is `timestamp`.
    case json
}
