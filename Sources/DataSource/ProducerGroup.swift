import KafkaClient
import Logging

/// Runs `body` with `count` running producers, which share what may be on its way at a time: memory does not grow with
/// their number.
///
/// - Parameter statistics: who is told the statistics of the producer with a number.
/// - Throws: what `body` throws, or the error with which a producer failed.
func withProducers(
    _ count: Int,
    _ configuration: ProducerConfiguration,
    logger: Logger,
    statistics: @Sendable (_ producer: Int) -> StatisticsReporting? = { _ in nil },
    _ body: @Sendable ([KafkaProducer]) async throws -> Void
) async throws {
    var shared = configuration
    shared.recordsInFlightMax = max(1, min(shared.recordsInFlightMax, Limits.recordsInFlightMax) / count)
    shared.kilobytesInFlightMax = max(1, shared.kilobytesInFlightMax / count)
    try await add([], count, shared, logger, statistics, body)
}

private func add(
    _ producers: [KafkaProducer],
    _ count: Int,
    _ shared: ProducerConfiguration,
    _ logger: Logger,
    _ statistics: @Sendable (Int) -> StatisticsReporting?,
    _ body: @Sendable ([KafkaProducer]) async throws -> Void
) async throws {
    if producers.count == count { return try await body(producers) }
    var own = shared
    own.statistics = statistics(producers.count)
    try await withProducer(own, logger: logger) { producer in
        try await add(producers + [producer], count, shared, logger, statistics, body)
    }
}
