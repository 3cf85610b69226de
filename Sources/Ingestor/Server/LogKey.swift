import Logging

/// The keys of this module's log lines.
enum LogKey {
    static let address = "net.address"
    static let batches = "batches"
    static let bytes = "bytes"
    static let checked = "log.bytes_checked"
    static let cut = "log.bytes_cut"
    static let client = "kafka.client"
    static let connections = "ingestor.connections"
    static let directory = "ingestor.directory"
    static let flush = "ingestor.flush"
    static let group = "kafka.group"
    static let limit = "limit"
    static let listener = "kafka.listener"
    static let logStart = "log.start_offset"
    static let offset = "kafka.offset"
    static let offsets = "log.offsets"
    static let partition = "kafka.partition"
    static let partitions = "kafka.partitions"
    static let path = "file.path"
    static let peer = "net.peer"
    static let principal = "kafka.principal"
    static let reason = "reason"
    static let records = "records"
    static let topic = "kafka.topic"
    static let topics = "kafka.topics"
}
