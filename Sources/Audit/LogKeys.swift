/// The names under which this module's log lines carry values.
enum LogKeys {
    static let error = "audit.error"
    static let partition = "audit.partition"
    static let path = "audit.path"
}
