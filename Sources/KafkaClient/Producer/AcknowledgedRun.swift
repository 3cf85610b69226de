import CRdKafka

/// Consecutive records of one batch and one partition in a delivery report.
struct AcknowledgedRun {
    let entry: UInt32
    let topic: OpaquePointer
    let partition: Int32
    let firstOffset: Int64
    private(set) var lastOffset: Int64
    private(set) var count = 1
    /// Of the first record: all of a run were taken within one call or nearly so.
    let latencyMicroseconds: Int64

    init(_ message: UnsafePointer<rd_kafka_message_t>, of entry: UInt32) {
        self.entry = entry
        topic = message.pointee.rkt
        partition = message.pointee.partition
        firstOffset = message.pointee.offset
        lastOffset = firstOffset
        latencyMicroseconds = max(0, rd_kafka_message_latency(message))
    }

    /// Adds `message`, if it belongs to this run.
    mutating func append(_ message: UnsafePointer<rd_kafka_message_t>, of entry: UInt32) -> Bool {
        guard entry == self.entry, message.pointee.partition == partition, message.pointee.rkt == topic else {
            return false
        }
        lastOffset = message.pointee.offset
        count += 1
        return true
    }
}
