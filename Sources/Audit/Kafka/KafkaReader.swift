import KafkaClient
import KafkaTopics
import Logging

/// What the audit asks of the cluster.
struct KafkaReader: Sendable {
    let configuration: AuditConfiguration
    let logger: Logger

    /// The partitions of those of `topics` that the cluster has.
    func partitions(of topics: Set<String>) async throws -> [TopicPartition] {
        try await withAdmin(configuration.client, logger: logger) { admin in
            try await admin.topics().filter { topics.contains($0.name) }.flatMap(\.topicPartitions)
        }
    }

    /// The first offset that is still there and the one that the next record will get, of each partition.
    func ends(of partitions: [TopicPartition]) async throws -> [TopicPartition: Range<Int64>] {
        try await withAdmin(configuration.client, logger: logger) { admin in
            let earliest = try await admin.offsets(of: partitions, .earliest)
            let latest = try await admin.offsets(of: partitions, .latest)
            return latest.reduce(into: [:]) { ends, entry in
                ends[entry.key] = min(earliest[entry.key] ?? 0, entry.value)..<entry.value
            }
        }
    }

    /// How far the connector's consumer group says that it has filed; partitions of which it says nothing are missing.
    func settled(_ partitions: [TopicPartition]) async throws -> [TopicPartition: Int64] {
        try await withAdmin(configuration.client, logger: logger) { admin in
            try await admin.committedOffsets(ofGroup: "connect-\(configuration.connector)", partitions)
        }
    }

    /// What is in the dead letter queue; an empty one where there is no such topic.
    func deadLetters() async throws -> DeadLetterOffsets {
        var found = DeadLetterOffsets()
        let partitions = try await partitions(of: [configuration.deadLetterTopic])
        guard !partitions.isEmpty else { return found }
        let ends = try await ends(of: partitions)
        found.isIncomplete = ends.values.contains { $0.lowerBound > 0 }
        try await TopicReader(client: configuration.client, logger: logger).read(ends) { _, record in
            found.add(record.headers(), connector: configuration.connector)
        }
        return found
    }
}
