import Foundation
import Logging
import PlainText

/// Log lines for a terminal, on standard error: the message first, what belongs to it behind. An event is
/// one line whatever clients put into their names: what is not printable is escaped.
///
///     22:32:14 info  sink: filed records  sink.offsets=0..<1 sink.partition=comportamenti-1 sink.reason=flush.size
struct ConsoleLogHandler: LogHandler {
    let label: String
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    init(label: String) {
        self.label = label
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let own = event.metadata ?? [:]
        let provided = metadataProvider?.get() ?? [:]
        let all = metadata.merging(provided) { $1 }.merging(own) { $1 }
        let details = all.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
        let level = event.level.rawValue.padding(toLength: 7, withPad: " ", startingAt: 0)
        let time = Date().formatted(Self.time)
        let line = "\(time) \(level) \(label): \(event.message)\(details.isEmpty ? "" : "  " + details)"
        StandardError.write(PrintableText.escaping(line) + "\n")
    }

    private static let time = Date.VerbatimFormatStyle(
        format:
            "\(hour: .twoDigits(clock: .twentyFourHour, hourCycle: .zeroBased)):\(minute: .twoDigits):\(second: .twoDigits)",
        timeZone: .current,
        calendar: Calendar(identifier: .gregorian)
    )
}
