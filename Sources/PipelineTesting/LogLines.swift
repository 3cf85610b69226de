package import Logging

extension Logger {
    /// A logger for a test: `write` gets each event as one line, `level message key=value …`.
    package static func lines(
        level: Logger.Level = .info,
        _ write: @escaping @Sendable (String) -> Void
    ) -> Logger {
        var logger = Logger(label: "test") { _ in LineHandler(write: write) }
        logger.logLevel = level
        return logger
    }
}

private struct LineHandler: LogHandler {
    let write: @Sendable (String) -> Void
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
        let text = all.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
        write("\(event.level) \(event.message) \(text)")
    }
}
