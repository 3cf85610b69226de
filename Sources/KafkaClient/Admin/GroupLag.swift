import KafkaTopics

/// How far a consumer group is behind in one partition.
package struct PartitionLag: Hashable, Sendable, Codable {
    package let topic: String
    package let partition: Int32
    /// The offset of the next record that the group will read; `nil` where it has committed none.
    package let committedOffset: Int64?
    /// The offset that the next record will get; `nil` where the partition is gone, or has no leader.
    package let endOffset: Int64?
    /// The records between the two; negative where the partition ends before the committed offset, since it was made again.
    package let lag: Int64?
    /// The member that reads it.
    package let member: String?
    /// That member's name for itself.
    package let client: String?
}

/// How far a consumer group is behind.
package struct GroupLag: Hashable, Sendable, Codable {
    package let group: String
    package let state: String
    /// What it has committed or reads, by topic and partition.
    package let partitions: [PartitionLag]

    /// The records of all partitions that the group has still to read, where that is known.
    package var total: Int64 { partitions.reduce(0) { $0 + max(0, $1.lag ?? 0) } }
}

extension KafkaAdmin {
    /// How far a group is behind, in every partition that it has committed or that a member reads.
    ///
    /// - Throws: `unknownGroup` where there is no such group.
    package func lag(of group: ConsumerGroupDescription) async throws(KafkaClientError) -> GroupLag {
        try await lag(of: group, askable: try await askablePartitions())
    }

    /// The same of groups by name.
    package func lags(of names: [String]) async throws(KafkaClientError) -> [GroupLag] {
        let askable = try await askablePartitions()
        var lags: [GroupLag] = []
        for name in names { lags.append(try await lag(of: try await describeGroup(name), askable: askable)) }
        return lags
    }

    /// The same of all groups. One that goes meanwhile is left out.
    package func lags() async throws(KafkaClientError) -> [GroupLag] {
        let askable = try await askablePartitions()
        var lags: [GroupLag] = []
        for group in try await groups() {
            do throws(KafkaClientError) {
                let described = try await describeMembers(ofGroup: group.name).listed(as: group)
                lags.append(try await lag(of: described, askable: askable))
            } catch {
                guard error.code == .unknownGroup else { throw error }
            }
        }
        return lags
    }

    /// The partitions that have a leader, of all topics.
    private func askablePartitions() async throws(KafkaClientError) -> Set<TopicPartition> {
        Set(try await topics().flatMap(\.partitionsWithLeader))
    }

    private func lag(
        of group: ConsumerGroupDescription,
        askable: Set<TopicPartition>
    ) async throws(KafkaClientError) -> GroupLag {
        let committed = try await committedOffsets(ofGroup: group.name)
        if group.state == "Dead", committed.isEmpty { throw unknownGroup(group.name) }
        var readers: [TopicPartition: ConsumerGroupDescription.Member] = [:]
        for member in group.members {
            for place in member.partitions { readers[place.topicPartition] = member }
        }
        let partitions = Set(committed.keys).union(readers.keys)
        let ends = try await offsets(of: partitions.intersection(askable), .latest)
        return GroupLag(
            group: group.name,
            state: group.state,
            partitions: partitions.sorted().map { place in
                let (offset, end) = (committed[place], ends[place])
                return PartitionLag(
                    topic: place.topic,
                    partition: place.partition,
                    committedOffset: offset,
                    endOffset: end,
                    lag: offset.flatMap { offset in end.map { $0 - offset } },
                    member: readers[place]?.id,
                    client: readers[place]?.client
                )
            }
        )
    }

    private func unknownGroup(_ name: String) -> KafkaClientError {
        KafkaClientError(
            .unknownGroup,
            "the cluster at \(handle.bootstrap.joined(separator: ",")) has no group '\(name)' that has members or "
                + "committed offsets; " + advice("`hera groups list` shows the groups there are")
        )
    }
}
