import Files
import KafkaTopics
import Synchronization
import SystemPackage

extension LogManager {
    /// Makes a topic. When this returns it exists also after a power cut.
    ///
    /// - Parameter prepare: Called when nothing is missing but the topic's place in the list; where it throws, the topic
    ///   is not made. No topic changes meanwhile.
    /// - Throws: ``LogError``: `topicExists`, `invalidTopic`, `invalidConfiguration`, `storageFull`, `storageFailed`;
    ///   the topic does not exist then.
    @discardableResult
    package func createTopic(
        _ name: String,
        partitions count: Int32,
        overrides: [String: String] = [:],
        now: Int64,
        prepare: () throws(LogError) -> Void = {}
    ) throws(LogError) -> TopicMetadata {
        let configuration = try validated(name, count, overrides)
        let topic = TopicMetadata(name: name, partitionCount: count, overrides: overrides)
        return try changes.withLock { _ throws(LogError) in
            var list = try openList()
            guard list.topics[name] == nil else {
                throw LogError(.topicExists, "there is a topic '\(name)' already")
            }
            guard list.topics.count < LogLimits.topicsMax else {
                throw LogError(.invalidTopic, "there are \(LogLimits.topicsMax) topics already, which is the most")
            }
            let logs = try makeLogs(topic.partitions, configuration, now: now)
            list.topics[name] = topic
            do throws(LogError) {
                try prepare()
                try commit(list) { state in state.logs.merge(logs) { _, new in new } }
            } catch {
                removeDirectories(of: topic.partitions)
                throw error
            }
            return topic
        }
    }

    /// Takes back a setting that a topic has of its own: it is kept as all others are from now on.
    package func removeOverride(_ setting: String, of name: String) throws(LogError) {
        try changes.withLock { _ throws(LogError) in
            var list = try openList()
            guard var topic = list.topics[name] else { throw Self.unknown(name) }
            topic.overrides[setting] = nil
            let configuration = try defaults.applying(topic.overrides)
            list.topics[name] = topic
            let partitions = topic.partitions
            let logs = try commit(list) { state in partitions.compactMap { state.logs[$0] } }
            for log in logs { log.state.withLock { $0.configuration = configuration } }
        }
    }

    /// Deletes a topic with all its records. When this returns it does not exist any more, whatever happens; slices
    /// that were read before can still be sent.
    ///
    /// - Throws: ``LogError/Code/unknownTopic``; `storageFailed` where files could not be removed, which is made good
    ///   when the root is opened again.
    package func deleteTopic(_ name: String) throws(LogError) {
        try changes.withLock { _ throws(LogError) in
            var list = try openList()
            guard let topic = list.topics.removeValue(forKey: name) else { throw Self.unknown(name) }
            list.deletions.formUnion(topic.partitions.map(\.description))
            let logs = try commit(list) { state in
                topic.partitions.compactMap { state.logs.removeValue(forKey: $0) }
            }
            for log in logs { log.abandon() }
            // Renamed at once, so that the name is free; removed after, which may take long.
            let directories = try topic.partitions.map { partition throws(LogError) in
                try setAside(partition)
            }
            try LogError.mapping { () throws(FileError) in
                for directory in directories { try disk.removeTree(directory) }
            }
        }
    }

    private func setAside(_ partition: TopicPartition) throws(LogError) -> FilePath {
        let number = state.withLock { state in
            state.deletionCount += 1
            return state.deletionCount
        }
        // Opening the root removed those of earlier processes, so the name is free.
        let directory = root.appending(Self.deletedPrefix + String(number))
        try LogError.mapping { () throws(FileError) in
            try disk.rename(root.appending(partition.description), to: directory)
        }
        state.withLock { _ = $0.topicList.deletions.remove(partition.description) }
        return directory
    }

    // MARK: Parts

    private func openList() throws(LogError) -> TopicList {
        let (list, isClosed) = state.withLock { ($0.topicList, $0.isClosed) }
        if isClosed { throw .closed(root) }
        return list
    }

    /// Writes the list, then makes it true in memory. Where that fails, the file says again what memory does. Call it
    /// with ``changes`` held.
    @discardableResult
    private func commit<Result: Sendable>(
        _ list: TopicList,
        _ change: (inout State) -> Result
    ) throws(LogError) -> Result {
        let before = state.withLock { $0.topicList }
        do throws(LogError) {
            try LogError.mapping { () throws(FileError) in try list.save(in: root, disk: disk) }
        } catch {
            // What failed may be the last step, after the file took its place: the next start would believe it.
            try? before.save(in: root, disk: disk)
            throw error
        }
        return state.withLock { state in
            state.topicList = list
            return change(&state)
        }
    }

    private func validated(
        _ name: String,
        _ count: Int32,
        _ overrides: [String: String]
    ) throws(LogError) -> LogConfiguration {
        if let problem = TopicName.problem(with: name) { throw LogError(.invalidTopic, problem) }
        guard count >= 1, count <= LogLimits.partitionsPerTopicMax else {
            throw LogError(
                .invalidTopic,
                "a topic has 1 to \(LogLimits.partitionsPerTopicMax) partitions, not \(count)"
            )
        }
        return try defaults.applying(overrides)
    }

    /// New logs for partitions that the list does not name yet; where one fails, none of their directories stays.
    private func makeLogs(
        _ partitions: [TopicPartition],
        _ configuration: LogConfiguration,
        now: Int64
    ) throws(LogError) -> [TopicPartition: PartitionLog] {
        let directories = partitions.map { ($0, root.appending($0.description)) }
        for (partition, directory) in directories where disk.exists(directory) {
            throw LogError(
                .invalidTopic,
                "the directory \(directory) is in the way of topic '\(partition.topic)'. Move it away, or choose "
                    + "another name"
            )
        }
        var logs: [TopicPartition: PartitionLog] = [:]
        do throws(LogError) {
            for (partition, directory) in directories {
                logs[partition] = try PartitionLog.open(
                    directory: directory,
                    configuration: configuration,
                    now: now,
                    calls: disk.calls,
                    reservations: reservations,
                    isNew: true
                ).log
            }
            let bounds = partitions.map { ($0.description, LogState.reservedAtFirst) }
            try LogError.mapping { () throws(FileError) in
                for (_, directory) in directories { try disk.synchronizeDirectory(directory) }
                try reservations.begin(Dictionary(uniqueKeysWithValues: bounds))
            }
        } catch {
            removeDirectories(of: partitions)
            throw error
        }
        return logs
    }

    /// Takes a creation back. What cannot be removed now is empty and is removed when the root is opened.
    private func removeDirectories(of partitions: [TopicPartition]) {
        for partition in partitions { try? disk.removeTree(root.appending(partition.description)) }
    }

    private static func unknown(_ name: String) -> LogError {
        LogError(.unknownTopic, "there is no topic '\(name)'")
    }
}
