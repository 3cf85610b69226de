import CRdKafka

/// From where a partition is read.
package enum StartPosition: Hashable, Sendable {
    /// From this offset, or as `auto.offset.reset` says where the log does not have it.
    case offset(Int64)
    /// From the oldest record.
    case beginning
    /// From the next record that is written.
    case end
    /// From the group's committed offset, or as `auto.offset.reset` says where there is none.
    case committed

    /// As librdkafka's number.
    var number: Int64 {
        switch self {
        case .offset(let offset): offset
        case .beginning: Int64(RD_KAFKA_OFFSET_BEGINNING)
        case .end: Int64(RD_KAFKA_OFFSET_END)
        case .committed: Int64(RD_KAFKA_OFFSET_STORED)
        }
    }
}

/// Where to start a partition that has neither a start offset nor a committed one: Kafka's `auto.offset.reset`, in the
/// words of its Java client.
package enum OffsetReset: String, Hashable, Sendable, CaseIterable {
    case earliest
    case latest
    /// Not at all: it is an error.
    case none

    /// librdkafka's word.
    var librdkafkaName: String { self == .none ? "error" : rawValue }
}
