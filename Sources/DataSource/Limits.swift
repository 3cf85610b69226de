/// The bounds of every queue, batch and setting of this module. Queues of records that are on their way are the
/// producer's; see `KafkaClient`'s limits.
package enum Limits {
    /// The most records that are made before they are handed to the producers. Two rounds exist at a time: one is
    /// filled while the other is sent.
    package static let roundRecordsMax = 16_384
    /// The most records that are passed over between two checks whether the run was told to stop.
    static let passedRecordsMax = 16_384
    /// Room that a parcel (one topic of a round for one producer) has from the beginning, in bytes for each record.
    static let recordBytesTypical = 160
    /// The most records that are not acknowledged yet, of all producers together. More would not be faster (it covers half a
    /// million records a second at 60 ms from the broker), only longer on their way and out of the processor's caches.
    package static let recordsInFlightMax = 32_768
    /// The most producers.
    package static let parallelismMax = 64
    /// The most records per second that can be asked for.
    package static let rateMax = 100_000_000
    /// How many milliseconds' worth of records may be made at once under a rate.
    static let paceStepMilliseconds = 10
    /// How many milliseconds' worth of records may be caught up with after a delay; who was later than that stays late.
    static let paceBurstMilliseconds = 200
    /// How far from a full hour it is certain in which hour the producer dates records.
    static let hourMarginMilliseconds: Int64 = 1_000
    /// The most stretches of one level that a span has.
    static let stretchesMax: Int64 = 1_000_000
    /// The longest wait for the next record; the broker's answers and requests to stop are checked in between.
    static let waitMax = Duration.milliseconds(100)
    /// How often progress is reported.
    static let progressInterval = Duration.milliseconds(200)
    /// The greatest latency that is told apart, in microseconds: an hour. Greater ones count as this.
    static let latencyMicrosecondsMax: UInt64 = 3_600_000_000
    /// The bytes of printed records that are buffered before they are written.
    static let printedBytes = 1 << 16
    /// How long it may be from one row of metrics to the next.
    package static let metricsIntervals = Duration.milliseconds(100)...Duration.seconds(86_400)
    /// How often a producer tells its statistics at least, so that the last row of a run has little to wait for.
    static let statisticsIntervalMax = Duration.seconds(1)
    /// How long the end of a run waits for the producers' last statistics.
    static let lastStatisticsMax = Duration.seconds(3)
}
