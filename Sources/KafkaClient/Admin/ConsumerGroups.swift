package import KafkaTopics

/// A consumer group of a cluster in one line.
package struct ConsumerGroupSummary: Hashable, Sendable, Codable {
    package let name: String
    /// Its state by Kafka's name, for example `Stable` or `Empty`.
    package let state: String
    /// Whether it never had members as far as the cluster knows: it only keeps offsets.
    package let isSimple: Bool
}

/// Who is in a consumer group.
package struct ConsumerGroupDescription: Hashable, Sendable, Codable {
    /// A member of it.
    package struct Member: Hashable, Sendable, Codable {
        package let id: String
        /// Of a static member, its `group.instance.id`.
        package let instanceID: String?
        /// The client's name for itself.
        package let client: String
        /// Where it connects from.
        package let host: String
        /// What it reads.
        package let partitions: [Place]
    }

    /// A partition, as JSON has it.
    package struct Place: Hashable, Sendable, Codable {
        package let topic: String
        package let partition: Int32

        var topicPartition: TopicPartition { TopicPartition(topic: topic, partition: partition) }
    }

    package let name: String
    package let state: String
    /// How its members share the partitions; empty while there are none.
    package let assignor: String
    /// The address of the broker that coordinates it; `nil` where none was told.
    package let coordinator: String?
    package let members: [Member]

    /// Whether there may be members that read and commit.
    package var isActive: Bool { !["Empty", "Dead"].contains(state) || !members.isEmpty }

    /// Whether it has members that cannot be shown: librdkafka 2.0.2 has no call that describes a group in the protocol of
    /// KIP-848, which others take for dead.
    package var hidesMembers: Bool { isActive && members.isEmpty }

    /// With the state that the list of groups tells where a description tells none.
    func listed(as summary: ConsumerGroupSummary?) -> Self {
        guard state == "Dead", let summary else { return self }
        return Self(name: name, state: summary.state, assignor: assignor, coordinator: coordinator, members: members)
    }
}

extension KafkaAdmin {
    /// All consumer groups of the cluster, in order of their names.
    package func groups() async throws(KafkaClientError) -> [ConsumerGroupSummary] {
        try await handle.questions.run("list the groups") { [handle] () throws(KafkaClientError) in
            try AdminRequest(handle).groups()
        }
    }

    /// Who is in a group. One that is not there has the state `Dead`.
    package func describeGroup(_ name: String) async throws(KafkaClientError) -> ConsumerGroupDescription {
        let group = try await describeMembers(ofGroup: name)
        guard group.state == "Dead" else { return group }
        return group.listed(as: try await groups().first { $0.name == name })
    }

    /// The same; a group whose members cannot be shown has the state `Dead` too.
    func describeMembers(ofGroup name: String) async throws(KafkaClientError) -> ConsumerGroupDescription {
        try await handle.questions.run("describe the group '\(name)'") { [handle] () throws(KafkaClientError) in
            try AdminRequest(handle).describeGroup(name)
        }
    }

    /// Deletes groups with what they committed.
    ///
    /// - Returns: why not, for those that were not deleted; the others are gone.
    package func deleteGroups(_ names: [String]) async throws(KafkaClientError) -> [String: KafkaClientError] {
        guard !names.isEmpty else { return [:] }
        return try await handle.questions.run("delete groups") { [handle] () throws(KafkaClientError) in
            try AdminRequest(handle).deleteGroups(names)
        }
    }

    /// Deletes what a group committed of these partitions, which no member may read now.
    package func deleteOffsets(
        ofGroup group: String,
        _ partitions: some Collection<TopicPartition> & Sendable
    ) async throws(KafkaClientError) {
        guard !partitions.isEmpty else { return }
        try await handle.questions.run("delete offsets of the group '\(group)'") {
            [handle] () throws(KafkaClientError) in
            try AdminRequest(handle).deleteOffsets(ofGroup: group, partitions)
        }
    }

    /// All offsets that a group has committed.
    package func committedOffsets(
        ofGroup group: String
    ) async throws(KafkaClientError) -> [TopicPartition: Int64] {
        try await handle.questions.run("read the offsets of the group '\(group)'") {
            [handle] () throws(KafkaClientError) in
            try AdminRequest(handle).committedOffsets(ofGroup: group)
        }
    }

    /// Commits offsets in the place of a group that has no members.
    package func alterOffsets(
        ofGroup group: String,
        _ offsets: [TopicPartition: Int64]
    ) async throws(KafkaClientError) {
        guard !offsets.isEmpty else { return }
        try await handle.questions.run("set the offsets of the group '\(group)'") {
            [handle] () throws(KafkaClientError) in
            try AdminRequest(handle).alterOffsets(ofGroup: group, offsets)
        }
    }
}
