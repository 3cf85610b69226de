/// The keys of this module's log metadata.
enum LogKeys {
    static let facility = "kafka.client.facility"
    static let text = "kafka.client.text"
    static let error = "kafka.client.error"
    static let records = "kafka.client.records"
    static let partitions = "kafka.client.partitions"
}
