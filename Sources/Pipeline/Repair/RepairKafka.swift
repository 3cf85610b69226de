import Audit
import ConnectAPI
import KafkaClient
import KafkaTopics
import Logging

/// What a repair asks of Kafka.
struct RepairKafka: Sendable {
    /// Bounds of what is asked.
    enum Limits {
        /// Offsets from which nothing comes for this long count as unreadable, as do those of a batch that the client cannot
        /// read.
        static let silence = Duration.seconds(5)
        /// How many offsets are tried while a readable one is looked for.
        static let probesMax = 64
    }

    let client: ClientConfiguration
    let logger: Logger

    /// Those of `partitions` that are there.
    func logs(of partitions: [TopicPartition]) async throws -> [TopicPartition: LogState] {
        try await withAdmin(client, logger: logger) { admin in try await Self.logs(of: partitions, admin) }
    }

    /// The same, asked by `admin`.
    static func logs(of partitions: [TopicPartition], _ admin: KafkaAdmin) async throws -> [TopicPartition: LogState] {
        let known = Set(try await admin.topics().flatMap(\.topicPartitions)).intersection(partitions)
        let earliest = try await admin.offsets(of: known, .earliest)
        let latest = try await admin.offsets(of: known, .latest)
        // Where a topic does not tell its id, fingerprints suffice.
        let ids = (try? await admin.topicIDs(of: Set(known.map(\.topic)))) ?? [:]
        return latest.reduce(into: [:]) { logs, entry in
            let first = min(earliest[entry.key] ?? 0, entry.value)
            logs[entry.key] = LogState(topicID: ids[entry.key.topic], offsets: first..<entry.value)
        }
    }

    /// The fingerprint of the record at `offset`; `nil` where there is none, or it cannot be read.
    func fingerprint(at offset: Int64, of partition: TopicPartition) async throws -> RecordFingerprint? {
        var found: RecordFingerprint?
        _ = try await read(partition, offset..<offset + 1) { record in
            guard record.offset == offset else { return }
            found = RecordFingerprint(
                offset: offset,
                timestamp: record.timestamp,
                key: record.key,
                value: record.value
            )
        }
        return found
    }

    /// Whether something comes from `offset` on, or the partition ends there.
    func isReadable(_ partition: TopicPartition, at offset: Int64) async throws -> Bool {
        try await read(partition, offset..<offset + 1) { _ in }
    }

    /// The first offset behind `start` from which reading goes on: behind the batch that cannot be read.
    ///
    /// A batch is fetched whole, whichever of its offsets is asked for. So the steps double until one leads behind it, and
    /// then halve to its end.
    func readableOffset(after start: Int64, in log: LogState, of partition: TopicPartition) async throws -> Int64? {
        var unreadable = start
        var readable = start
        var step: Int64 = 1
        for _ in 0..<Limits.probesMax {
            unreadable = readable
            readable = min(start + step, log.offsets.upperBound)
            // Nothing was readable up to the end: an operator has to see whether the brokers serve.
            guard readable < log.offsets.upperBound else { return nil }
            if try await isReadable(partition, at: readable) { break }
            step *= 2
        }
        while readable - unreadable > 1 {
            let middle = unreadable + (readable - unreadable) / 2
            if try await isReadable(partition, at: middle) { readable = middle } else { unreadable = middle }
        }
        return readable
    }

    /// - Returns: whether reading came to its end.
    private func read(
        _ partition: TopicPartition,
        _ offsets: Range<Int64>,
        _ body: (borrowing ConsumedRecord) -> Void
    ) async throws -> Bool {
        let reader = TopicReader(client: client, silenceMax: Limits.silence, logger: logger)
        do {
            try await reader.read([partition: offsets]) { _, record in body(record) }
            return true
        } catch let error as KafkaClientError where [.timedOut, .unreadable].contains(error.code) {
            return false
        }
    }
}
