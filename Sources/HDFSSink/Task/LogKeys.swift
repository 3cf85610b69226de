/// The names under which this module's log lines carry values.
enum LogKeys {
    static let error = "sink.error"
    static let files = "sink.files"
    static let offsets = "sink.offsets"
    static let partition = "sink.partition"
    static let path = "sink.path"
    static let reason = "sink.reason"
    static let rows = "sink.rows"
    static let sequence = "sink.sequence"
}
