import KafkaTopics

/// A topic with all that is known of it.
package struct TopicDetails: Hashable, Sendable, Codable {
    /// One partition of it.
    package struct Partition: Hashable, Sendable, Codable {
        package let partition: Int32
        /// The broker that leads it; `nil` while there is none.
        package let leader: Int32?
        package let replicas: [Int32]
        package let inSyncReplicas: [Int32]
        /// The offset of the oldest record; `nil` while the partition has no leader.
        package let logStartOffset: Int64?
        /// The offset that the next record will get; `nil` while the partition has no leader.
        package let endOffset: Int64?
        /// Between the two; `nil` while the partition has no leader.
        package let records: Int64?
    }

    /// One of its settings.
    package struct Configuration: Hashable, Sendable, Codable {
        package let name: String
        /// `nil` where the broker hides it.
        package let value: String?
        package let isDefault: Bool
    }

    package let name: String
    package let partitions: [Partition]
    package let settings: [Configuration]
}

/// A topic in one line.
package struct TopicSummary: Hashable, Sendable, Codable {
    package let name: String
    /// How many partitions it has.
    package let partitions: Int
    /// How many offsets lie between the oldest record and the end: as many records, unless compaction or transactions
    /// left holes.
    package let records: Int64
    /// Whether it is one of Kafka's own.
    package let isInternal: Bool
}

extension KafkaAdmin {
    /// Every topic of the cluster in one line, in order of their names.
    package func summaries() async throws(KafkaClientError) -> [TopicSummary] {
        let topics = try await topics()
        // Partitions without a leader cannot be asked: they count as empty.
        let partitions = topics.flatMap(\.partitionsWithLeader)
        let earliest = try await offsets(of: partitions, .earliest)
        let latest = try await offsets(of: partitions, .latest)
        return topics.map { topic in
            TopicSummary(
                name: topic.name,
                partitions: topic.partitions.count,
                records: topic.topicPartitions.reduce(0) { sum, each in
                    sum + (latest[each] ?? 0) - (earliest[each] ?? 0)
                },
                isInternal: TopicName.isInternal(topic.name)
            )
        }
    }

    /// All that is known of a topic.
    ///
    /// - Throws: `unknownTopic`.
    package func details(ofTopic name: String) async throws(KafkaClientError) -> TopicDetails {
        let topic = try await describeTopic(name)
        let earliest = try await offsets(of: topic.partitionsWithLeader, .earliest)
        let latest = try await offsets(of: topic.partitionsWithLeader, .latest)
        let configs = try await describeConfigs(ofTopic: name)
        return TopicDetails(
            name: name,
            partitions: topic.partitions.map { each in
                let place = TopicPartition(topic: name, partition: each.number)
                let (start, end) = (earliest[place], latest[place])
                return TopicDetails.Partition(
                    partition: each.number,
                    leader: each.leader,
                    replicas: each.replicas,
                    inSyncReplicas: each.inSyncReplicas,
                    logStartOffset: start,
                    endOffset: end,
                    records: start.flatMap { start in end.map { $0 - start } }
                )
            },
            settings: configs.map {
                TopicDetails.Configuration(name: $0.name, value: $0.value, isDefault: $0.isDefault)
            }
        )
    }
}

extension TopicDescription {
    /// The partitions that can be asked for offsets.
    var partitionsWithLeader: [TopicPartition] {
        partitions.filter { $0.leader != nil }.map { TopicPartition(topic: name, partition: $0.number) }
    }
}
