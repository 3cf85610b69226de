import KafkaTopics

/// The settings that were chosen for a topic, before and after a change.
package struct SettingsChange: Hashable, Sendable, Codable {
    package let topic: String
    package let before: [String: String]
    package let after: [String: String]
}

/// Records that are to be deleted.
package struct RecordDeletion: Hashable, Sendable, Codable {
    /// One partition of it.
    package struct Partition: Hashable, Sendable, Codable {
        package let partition: Int32
        /// The offset of the oldest record.
        package let logStartOffset: Int64
        /// Records before it go.
        package let newStartOffset: Int64
        package let endOffset: Int64
    }

    package let topic: String
    package let partitions: [Partition]

    /// How many offsets lie before the new starts.
    package var count: Int64 { partitions.reduce(0) { $0 + $1.newStartOffset - $1.logStartOffset } }
}

extension KafkaAdmin {
    /// Gives a topic more partitions, so that it has `count`.
    package func addPartitions(to topic: String, count: Int32) async throws(KafkaClientError) {
        try await handle.questions.run("add partitions to the topic '\(topic)'") {
            [handle] () throws(KafkaClientError) in
            try AdminRequest(handle).addPartitions(to: topic, count: Int(count))
        }
    }

    /// What the settings of a topic would be with these changed and those at their defaults; nothing is changed.
    package func settingsChange(
        ofTopic topic: String,
        setting changed: [String: String],
        removing removed: Set<String>
    ) async throws(KafkaClientError) -> SettingsChange {
        let settings = try await describeConfigs(ofTopic: topic)
        if let unknown = removed.subtracting(settings.map(\.name)).min() {
            throw KafkaClientError(
                .badRequest,
                "the topic '\(topic)' has no setting '\(unknown)'; "
                    + advice("`hera topics configs \(topic)` shows those it has")
            )
        }
        let chosen = settings.filter { !$0.isDefault && !$0.isReadOnly }
        if let hidden = chosen.first(where: { $0.value == nil }) {
            throw KafkaClientError(
                .badRequest,
                "the topic '\(topic)' has the setting \(hidden.name), which the broker hides and a change would lose"
            )
        }
        let before = Dictionary(chosen.map { ($0.name, $0.value ?? "") }) { first, _ in first }
        let after = before.merging(changed) { $1 }.filter { !removed.contains($0.key) }
        return SettingsChange(topic: topic, before: before, after: after)
    }

    /// Writes the settings of a topic as they are after a change: all of them, as the brokers that this must work with
    /// know no other way. A change that is made elsewhere at the same time is lost.
    ///
    /// - Parameter onlyChecks: Whether the cluster shall only say whether it would take them.
    package func apply(_ change: SettingsChange, onlyChecks: Bool = false) async throws(KafkaClientError) {
        try await handle.questions.run("change the settings of the topic '\(change.topic)'") {
            [handle] () throws(KafkaClientError) in
            try AdminRequest(handle).replaceConfigs(ofTopic: change.topic, change.after, onlyChecks: onlyChecks)
        }
    }

    /// What a deletion of records would do; nothing is deleted. An offset that a log does not have becomes the nearest
    /// one that it has.
    package func recordDeletion(
        of selection: TopicSelection,
        before target: OffsetTarget
    ) async throws(KafkaClientError) -> RecordDeletion {
        let topic = try await describeTopic(selection.topic)
        let numbers = Set(topic.partitions.map(\.number))
        if let unknown = selection.partitions?.first(where: { !numbers.contains($0) }) {
            throw KafkaClientError(
                .unknownPartition,
                "the topic '\(topic.name)' has no partition \(unknown); "
                    + advice("`hera topics describe \(topic.name)` shows the partitions it has")
            )
        }
        let partitions = (selection.partitions.map(Set.init) ?? numbers).sorted().map {
            TopicPartition(topic: topic.name, partition: $0)
        }
        let earliest = try await offsets(of: partitions, .earliest)
        let latest = try await offsets(of: partitions, .latest)
        var wanted = latest
        switch target {
        case .earliest: wanted = earliest
        case .latest: break
        case .offset(let offset): wanted = wanted.mapValues { _ in offset }
        case .time(let time): wanted = try await offsets(of: partitions, .time(time))
        }
        return RecordDeletion(
            topic: topic.name,
            partitions: partitions.compactMap { partition in
                guard let start = earliest[partition], let end = latest[partition] else { return nil }
                let newStart = min(max(wanted[partition] ?? end, start), end)
                return .init(
                    partition: partition.partition,
                    logStartOffset: start,
                    newStartOffset: newStart,
                    endOffset: end
                )
            }
        )
    }

    /// Deletes the records.
    package func apply(_ deletion: RecordDeletion) async throws(KafkaClientError) {
        let offsets = Dictionary(
            uniqueKeysWithValues: deletion.partitions.filter { $0.newStartOffset > $0.logStartOffset }.map {
                (TopicPartition(topic: deletion.topic, partition: $0.partition), $0.newStartOffset)
            }
        )
        guard !offsets.isEmpty else { return }
        _ = try await handle.questions.run("delete records of the topic '\(deletion.topic)'") {
            [handle] () throws(KafkaClientError) in
            try AdminRequest(handle).deleteRecords(before: offsets)
        }
    }
}
