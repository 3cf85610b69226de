package import KafkaClient
package import KafkaTopics
package import Logging

/// Reads ranges of offsets of partitions.
package struct TopicReader: Sendable {
    /// How long nothing may come as long as something is to be read.
    package static let silenceMax = Duration.seconds(10)
    /// How often in a row the same batch may be unreadable before it is given up; once may be damage on the way.
    private static let unreadableMax = 3

    /// Bounds of what one reader holds: several read at once, and each record is done with as soon as it is read.
    enum Limits {
        static let kilobytesAheadMax = 1_024
        static let recordsAhead = 8_192
        static let fetchPartitionBytesMax = 524_288
        static let batchRecordsMax = 2_048
    }

    /// What was not read, since nothing more came.
    package struct Unread: Sendable {
        package var ranges: OpenRanges
        /// The last error that Kafka or its client told of a partition.
        package var errors: [TopicPartition: KafkaClientError]

        /// Why not all was read: a batch that cannot be read, or that nothing came for `silence`.
        package func failure(after silence: Duration) -> KafkaClientError {
            let unreadable = ranges.starts.keys.sorted().compactMap { errors[$0] }.first { $0.code == .unreadable }
            return unreadable ?? ranges.silence(for: silence)
        }
    }

    private let client: ClientConfiguration
    private let silenceMax: Duration
    private let logger: Logger

    package init(client: ClientConfiguration, silenceMax: Duration = Self.silenceMax, logger: Logger) {
        self.client = client
        self.silenceMax = silenceMax
        self.logger = logger
    }

    /// Passes on the records of each partition within its range of offsets, each partition's in order.
    ///
    /// - Throws: `KafkaClientError`, with the code `timedOut` where nothing came for too long, `unreadable` where a batch
    ///   cannot be read; `CancellationError` where the caller is cancelled or shut down.
    package func read(
        _ ranges: [TopicPartition: Range<Int64>],
        _ body: (TopicPartition, borrowing ConsumedRecord) -> Void
    ) async throws {
        let unread = try await readBatches(ranges) { batch in
            let range = ranges[batch.topicPartition] ?? 0..<0
            batch.forEachRecord { record in
                if range.contains(record.offset) { body(batch.topicPartition, record) }
            }
        }
        guard unread.ranges.isDone else { throw unread.failure(after: silenceMax) }
    }

    /// Passes on the batches of each partition that have records in its range of offsets, each partition's in order. A batch
    /// may begin before the range and end behind it.
    ///
    /// - Returns: what could not be read: nothing came for too long, or a batch could not be read again and again in every
    ///   partition that is left.
    /// - Throws: a fatal `KafkaClientError`; `CancellationError` where the caller is cancelled or shut down.
    package func readBatches(
        _ ranges: [TopicPartition: Range<Int64>],
        _ body: (ConsumedBatch) throws -> Void
    ) async throws -> Unread {
        do {
            return try await readOpen(OpenRanges(ranges), body)
        } catch let error as KafkaClientError where error.code == .cancelled {
            throw CancellationError()
        }
    }

    private func readOpen(_ ranges: OpenRanges, _ body: (ConsumedBatch) throws -> Void) async throws -> Unread {
        var unread = Unread(ranges: ranges, errors: [:])
        // Since the partition's last batch.
        var unreadable: [TopicPartition: Int] = [:]
        guard !unread.ranges.isDone else { return unread }
        var configuration = ConsumerConfiguration(client: client)
        configuration.reportsEndOfPartition = true
        configuration.kilobytesAheadMax = Limits.kilobytesAheadMax
        configuration.recordsAhead = Limits.recordsAhead
        configuration.fetchPartitionBytesMax = Limits.fetchPartitionBytesMax
        configuration.batchRecordsMax = Limits.batchRecordsMax
        return try await withConsumer(configuration, logger: logger) { consumer in
            try await consumer.assign(unread.ranges.starts.mapValues { .offset($0) })
            var deadline = ContinuousClock.now.advanced(by: silenceMax)
            while !unread.ranges.isDone {
                switch try await consumer.nextEvent(until: deadline) {
                case .event(.batch(let batch)):
                    if unread.ranges.isOpen(batch.topicPartition) {
                        try body(batch)
                        deadline = .now.advanced(by: silenceMax)
                    }
                    unread.ranges.passed(batch.topicPartition, upTo: batch.nextOffset)
                    unreadable[batch.topicPartition] = nil
                    unread.errors[batch.topicPartition] = nil
                case .event(.endOfPartition(let partition, let offset)):
                    unread.ranges.passed(partition, upTo: offset)
                case .event(.failed(let error)) where error.isFatal: throw error
                // Other errors without records in between count as silence.
                case .event(.failed(let error)):
                    guard let partition = error.topicPartition else { continue }
                    unread.errors[partition] = error
                    if error.code == .unreadable { unreadable[partition, default: 0] += 1 }
                    let isOver = unread.ranges.starts.keys.allSatisfy {
                        unreadable[$0, default: 0] >= Self.unreadableMax
                    }
                    if isOver { return unread }
                case .event: continue
                case .deadline: return unread
                case .end: throw CancellationError()
                }
            }
            return unread
        }
    }
}

/// Which offsets of which partitions are still to be read. Pure.
package struct OpenRanges: Sendable {
    private var open: [TopicPartition: Range<Int64>]

    /// Ranges without an offset are done at once.
    package init(_ ranges: [TopicPartition: Range<Int64>]) {
        open = ranges.filter { !$0.value.isEmpty }
    }

    /// Whether all was read.
    package var isDone: Bool { open.isEmpty }

    /// Where reading begins in each partition.
    package var starts: [TopicPartition: Int64] { open.mapValues(\.lowerBound) }

    /// Where reading of `partition` is; `nil` where all of it was read.
    package func position(of partition: TopicPartition) -> Int64? { open[partition]?.lowerBound }

    /// Whether something of `partition` is still to be read.
    package func isOpen(_ partition: TopicPartition) -> Bool { open[partition] != nil }

    /// Whether the record at `offset` is one of those that are to be read.
    package func contains(_ partition: TopicPartition, _ offset: Int64) -> Bool {
        open[partition]?.contains(offset) ?? false
    }

    /// All of `partition` before `next` was read, or has no record.
    package mutating func passed(_ partition: TopicPartition, upTo next: Int64) {
        guard let range = open[partition] else { return }
        open[partition] = next < range.upperBound ? max(next, range.lowerBound)..<range.upperBound : nil
    }

    /// The error where no more records come. The end of a partition is an event; silence is not the end: treating it as
    /// the end would count existing records as missing.
    package func silence(for duration: Duration) -> KafkaClientError {
        let places = open.sorted { $0.key < $1.key }.map { "\($0.key) from offset \($0.value.lowerBound)" }
        return KafkaClientError(
            .timedOut,
            "no record came for \(duration) although \(places.joined(separator: ", ")) is not read to its end; see whether "
                + "the brokers serve, and whether a transaction there is still open, then try again",
            topicPartition: open.keys.min(),
            isRetriable: true
        )
    }
}
