import KafkaClient
import KafkaTopics

/// Which offsets of the audited partitions lie in the dead letter queue, as its records' headers say.
///
/// A record may be there twice after a crash; it counts once.
struct DeadLetterOffsets: Sendable {
    private(set) var offsets: [TopicPartition: Set<Int64>] = [:]
    /// Records that do not say where they come from.
    private(set) var withoutPlace = 0
    /// Whether retention removed records of the queue.
    var isIncomplete = false

    private static let prefix = "__connect.errors."

    /// Notes a record of the queue if `connector` put it there.
    mutating func add(_ headers: [KafkaRecord.Header], connector: String) {
        var topic: String?
        var partition: Int32?
        var offset: Int64?
        var writer: String?
        for header in headers {
            let text = header.value.map { String(decoding: $0, as: UTF8.self) }
            switch header.name {
            case Self.prefix + "topic": topic = text
            case Self.prefix + "partition": partition = text.flatMap { Int32($0) }
            case Self.prefix + "offset": offset = text.flatMap { Int64($0) }
            case Self.prefix + "connector.name": writer = text
            default: continue
            }
        }
        guard let topic, let partition, let offset else {
            withoutPlace += 1
            return
        }
        guard writer == nil || writer == connector else { return }
        offsets[TopicPartition(topic: topic, partition: partition), default: []].insert(offset)
    }
}
