import Files
import KafkaTopics
import SystemPackage

/// The directories of a root's partitions, while topics are made.
struct PartitionDirectories {
    let root: FilePath
    let disk: Disk
    let reservations: OffsetReservations
    let places: OpenSegments

    /// New logs for partitions that the list of topics does not name yet; where one fails, none of their directories stays.
    func makeLogs(
        _ topics: [(partitions: [TopicPartition], configuration: LogConfiguration)],
        now: Int64
    ) throws(LogError) -> [TopicPartition: PartitionLog] {
        let partitions = topics.flatMap(\.partitions)
        try checkFree(partitions)
        var logs: [TopicPartition: PartitionLog] = [:]
        do throws(LogError) {
            for topic in topics {
                for partition in topic.partitions {
                    logs[partition] = try PartitionLog.open(
                        directory: root.appending(partition.description),
                        configuration: topic.configuration,
                        now: now,
                        calls: disk.calls,
                        reservations: reservations,
                        places: places,
                        isNew: true
                    ).log
                }
            }
            let bounds = partitions.map { ($0.description, LogState.reservedAtFirst) }
            try LogError.mapping { () throws(FileError) in
                // All at once when all are made: the device then has few waits in common.
                let names = ConcurrentWork.results(of: partitions, threadsMax: LogLimits.threads) {
                    partition throws(FileError) in
                    try disk.synchronizeDirectory(root.appending(partition.description))
                }
                for result in names { try result.get() }
                try reservations.begin(Dictionary(uniqueKeysWithValues: bounds))
            }
        } catch {
            remove(partitions)
            throw error
        }
        return logs
    }

    /// - Throws: ``LogError/Code/invalidTopic`` where something has the name of a partition's directory.
    func checkFree(_ partitions: [TopicPartition]) throws(LogError) {
        for partition in partitions where disk.exists(root.appending(partition.description)) {
            throw LogError(
                .invalidTopic,
                "the directory \(root.appending(partition.description)) is in the way of topic '\(partition.topic)'. "
                    + "Move it away, or choose another name"
            )
        }
    }

    /// Reverts a creation. What cannot be removed now is empty and is removed when the root is opened.
    func remove(_ partitions: [TopicPartition]) {
        for partition in partitions { try? disk.removeTree(root.appending(partition.description)) }
    }
}
