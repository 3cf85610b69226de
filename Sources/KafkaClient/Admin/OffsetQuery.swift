import CRdKafka

/// Which offset of a partition is asked for.
package enum OffsetQuery: Hashable, Sendable {
    /// That of the oldest record there is.
    case earliest
    /// The one that the next record will get.
    case latest
    /// That of the first record of this time or later (milliseconds since 1970); the latest where there is none.
    case time(Int64)

    /// As the time of Kafka's ListOffsets request, which has special ones for the two ends.
    var timestamp: Int64 {
        switch self {
        case .earliest: Int64(RD_KAFKA_OFFSET_BEGINNING)
        case .latest: Int64(RD_KAFKA_OFFSET_END)
        case .time(let milliseconds): max(0, milliseconds)
        }
    }
}
