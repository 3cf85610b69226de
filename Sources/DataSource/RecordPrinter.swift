import Community

/// Turns events into printed lines.
struct RecordPrinter: Sendable {
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

    /// Gives the lines away.
    mutating func takeLines() -> [UInt8] {
        defer { lines.removeAll(keepingCapacity: true) }
        return lines
    }
}
