import ConnectRuntime
import KafkaClient
import KafkaTopics
import Logging

/// What the audit asks of the cluster.
struct KafkaReader: Sendable {
    /// Bounds of what is asked.
    enum Limits {
        /// How many unfiled topics have their records counted.
        static let unfiledCountedMax = 100
    }

    let configuration: AuditConfiguration
    let logger: Logger

    /// All topics of the cluster.
    func topics() async throws -> [TopicDescription] {
        try await withAdmin(configuration.client, logger: logger) { admin in try await admin.topics() }
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

    /// The offsets that the connector's consumer group has committed, of the partitions that have any.
    func committedOffsets(of partitions: [TopicPartition]) async throws -> [TopicPartition: Int64] {
        try await withAdmin(configuration.client, logger: logger) { admin in
            try await admin.committedOffsets(
                ofGroup: ConnectorSettings.group(ofConnector: configuration.connector),
                partitions
            )
        }
    }

    /// The ids of topics, where the broker tells them.
    func topicIDs(of topics: Set<String>) async -> [String: String] {
        let ids = try? await withAdmin(configuration.client, logger: logger) { try await $0.topicIDs(of: topics) }
        return ids ?? [:]
    }

    /// What is in the dead letter queue; an empty one where there is no such topic.
    func deadLetters(_ topics: [TopicDescription]) async throws -> DeadLetters {
        var found = DeadLetters()
        let partitions = topics.filter { $0.name == configuration.deadLetterTopic }.flatMap(\.topicPartitions)
        guard !partitions.isEmpty else { return found }
        let ends = try await ends(of: partitions)
        found.isIncomplete = ends.values.contains { $0.lowerBound > 0 }
        try await TopicReader(client: configuration.client, logger: logger).read(ends) { _, record in
            found.add(record.headers(), connector: configuration.connector)
        }
        return found
    }

    /// The `topics` that no sink files, without Kafka's own and the dead letter queue.
    func unfiled(_ topics: [TopicDescription], besides filed: Set<String>) async throws -> [UnfiledTopic] {
        let others = topics.filter {
            !filed.contains($0.name) && !$0.name.hasPrefix("__") && $0.name != configuration.deadLetterTopic
        }
        let counted = others.prefix(Limits.unfiledCountedMax)
        // Partitions without a leader cannot be asked.
        let led = counted.filter { $0.partitions.allSatisfy { $0.leader != nil } }
        let ends = try await ends(of: led.flatMap(\.topicPartitions))
        return others.map { topic in
            let own = topic.topicPartitions.compactMap { ends[$0] }
            let isKnown = own.count == topic.partitions.count
            return UnfiledTopic(topic: topic.name, records: isKnown ? own.reduce(0) { $0 + Int64($1.count) } : nil)
        }
    }
}
