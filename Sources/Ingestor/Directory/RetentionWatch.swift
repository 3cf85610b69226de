import CommitLog
import KafkaTopics
import Logging
import Synchronization

/// A consumer group whose unread records retention keeps.
package struct RetentionHoldSettings: Sendable, Equatable {
    /// The group id; records before its committed offset are read.
    package var group: String
    /// The topics it reads. Where it has committed nothing, all of a partition is kept.
    package var topics: Set<String>
    /// How long records are kept for it after their retention.
    package var milliseconds: Int64

    package init(group: String, topics: Set<String>, milliseconds: Int64) {
        self.group = group
        self.topics = topics
        self.milliseconds = milliseconds
    }
}

/// Holds retention back for the groups that the configuration names, and logs it: when it begins, when it ends, and each time
/// that records are deleted nevertheless.
final class RetentionWatch: Sendable {
    private let holds: [RetentionHoldSettings]
    private let held = Mutex<Set<TopicPartition>>([])

    init(_ holds: [RetentionHoldSettings]) {
        self.holds = holds
    }

    /// What retention keeps of a partition: what any of the groups has not read.
    func hold(on partition: TopicPartition, _ offsets: OffsetStore) -> RetentionHold? {
        holds.filter { $0.topics.contains(partition.topic) }.map { hold in
            let committed = offsets.offset(of: hold.group, partition)?.offset ?? 0
            return RetentionHold(offset: committed, milliseconds: hold.milliseconds)
        }.min { $0.offset < $1.offset }
    }

    func tell(_ report: MaintenanceReport, of partition: TopicPartition, _ logger: Logger) {
        let hasChanged = held.withLock { held in
            report.isHeld ? held.insert(partition).inserted : held.remove(partition) != nil
        }
        var metadata: Logger.Metadata = [
            LogKey.topic: "\(partition.topic)", LogKey.partition: "\(partition.partition)",
            LogKey.logStart: "\(report.logStartOffset)",
        ]
        if report.recordsDeletedUnread > 0 {
            metadata[LogKey.records] = "\(report.recordsDeletedUnread)"
            logger.error(
                """
                retention deleted records that the sink has not filed: they were kept for \
                ingestor.retention-hold-milliseconds beyond their time. Find out why the sink stands still
                """,
                metadata: metadata
            )
        }
        guard hasChanged else { return }
        if report.isHeld {
            logger.warning("retention keeps old records, as the sink has not filed them", metadata: metadata)
        } else {
            logger.info("retention no longer waits for the sink", metadata: metadata)
        }
    }
}
