package import KafkaTopics

/// Where a group shall read on.
package enum OffsetTarget: Hashable, Sendable {
    case earliest
    case latest
    case offset(Int64)
    /// At the first record of this time or later (milliseconds since 1970); at the end where there is none.
    case time(Int64)
}

/// Partitions of a topic.
package struct TopicSelection: Hashable, Sendable {
    package var topic: String
    /// `nil` means all.
    package var partitions: [Int32]?

    package init(topic: String, partitions: [Int32]? = nil) {
        self.topic = topic
        self.partitions = partitions
    }
}

/// The offsets that a group would have after a reset.
package struct GroupReset: Hashable, Sendable, Codable {
    /// One partition of it.
    package struct Partition: Hashable, Sendable, Codable {
        package let topic: String
        package let partition: Int32
        /// What is committed now; `nil` where nothing is.
        package let currentOffset: Int64?
        package let newOffset: Int64
        /// Whether the log does not have the offset that was asked for: the nearest one it has takes its place.
        package let isMoved: Bool
    }

    package let group: String
    package let partitions: [Partition]

    /// The new offsets.
    var offsets: [TopicPartition: Int64] {
        Dictionary(
            partitions.map { (TopicPartition(topic: $0.topic, partition: $0.partition), $0.newOffset) }
        ) { first, _ in first }
    }
}

extension KafkaAdmin {
    /// What a reset would do; nothing is changed. Of all partitions that the group has committed, or of the `selection`.
    ///
    /// - Throws: `groupInUse` while the group has members: what they commit later would undo it.
    package func reset(
        ofGroup group: String,
        _ selection: [TopicSelection] = [],
        to target: OffsetTarget
    ) async throws(KafkaClientError) -> GroupReset {
        let description = try await describeGroup(group)
        guard !description.isActive else { throw groupInUse(description) }
        let committed = try await committedOffsets(ofGroup: group)
        let partitions =
            selection.isEmpty
            ? Set(try await topics().flatMap(\.partitionsWithLeader)).intersection(committed.keys)
            : try await chosen(selection)
        guard !partitions.isEmpty else {
            throw KafkaClientError(
                .noOffset,
                "the group '\(group)' has committed no offset that could be reset; name the topics that it shall read, "
                    + "with --topic, to give it some"
            )
        }
        let earliest = try await offsets(of: partitions, .earliest)
        let latest = try await offsets(of: partitions, .latest)
        let wanted = try await places(of: target, earliest: earliest, latest: latest)
        return GroupReset(
            group: group,
            partitions: partitions.sorted().compactMap { place in
                guard let start = earliest[place], let end = latest[place], let offset = wanted[place] else {
                    return nil
                }
                let new = min(max(offset, start), max(start, end))
                return GroupReset.Partition(
                    topic: place.topic,
                    partition: place.partition,
                    currentOffset: committed[place],
                    newOffset: new,
                    isMoved: new != offset
                )
            }
        )
    }

    /// Carries a reset out, unless the group has got members meanwhile.
    package func apply(_ reset: GroupReset) async throws(KafkaClientError) {
        let description = try await describeGroup(reset.group)
        guard !description.isActive else { throw groupInUse(description) }
        try await alterOffsets(ofGroup: reset.group, reset.offsets)
    }

    /// Where a target lies in partitions with these ends, also where a log does not have that offset.
    func places(
        of target: OffsetTarget,
        earliest: [TopicPartition: Int64],
        latest: [TopicPartition: Int64]
    ) async throws(KafkaClientError) -> [TopicPartition: Int64] {
        switch target {
        case .earliest: earliest
        case .latest: latest
        case .offset(let offset): latest.mapValues { _ in offset }
        case .time(let time): try await offsets(of: Array(latest.keys), .time(time))
        }
    }

    /// The partitions of a selection.
    package func chosen(_ selection: [TopicSelection]) async throws(KafkaClientError) -> Set<TopicPartition> {
        var partitions: Set<TopicPartition> = []
        for each in selection {
            let topic = try await describeTopic(each.topic)
            let there = Set(topic.partitionsWithLeader.map(\.partition))
            for number in each.partitions ?? there.sorted() {
                guard there.contains(number) else {
                    throw KafkaClientError(
                        .unknownPartition,
                        "the topic '\(each.topic)' has no partition \(number) that could be asked; "
                            + advice("`hera topics describe \(each.topic)` shows the partitions it has")
                    )
                }
                partitions.insert(TopicPartition(topic: each.topic, partition: number))
            }
        }
        return partitions
    }

    private func groupInUse(_ group: ConsumerGroupDescription) -> KafkaClientError {
        let count = group.members.count
        let members = group.hidesMembers ? "" : ", \(count) member\(count == 1 ? "" : "s")"
        return KafkaClientError(
            .groupInUse,
            "the group '\(group.name)' is in use (\(group.state)\(members)): stop its "
                + "consumers first, since what they commit would undo the reset"
        )
    }
}
