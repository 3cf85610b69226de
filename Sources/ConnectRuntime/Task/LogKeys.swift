/// The names under which this module's log lines carry values.
enum LogKeys {
    static let connector = "connect.connector"
    static let task = "connect.task"
    static let error = "connect.error"
    static let partition = "connect.partition"
    static let partitions = "connect.partitions"
    static let offset = "connect.offset"
    static let stage = "connect.stage"
    static let setting = "connect.setting"
    static let topic = "connect.topic"
    static let records = "connect.records"
    static let reason = "connect.reason"
}
