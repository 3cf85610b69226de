package import KafkaTopics
package import SystemPackage

/// The outcome of opening a root.
package struct OpeningReport: Hashable, Sendable {
    /// By partition, for those that had not been closed cleanly or needed repair.
    package internal(set) var recoveries: [TopicPartition: RecoveryReport] = [:]
    /// Directories that belonged to no topic, left by an interrupted creation or deletion, and were removed.
    package internal(set) var removedDirectories: [String] = []
    /// Directories that look like partitions of no topic and hold records. They are neither read nor deleted.
    package internal(set) var unknownDirectories: [String] = []

    /// Whether a version that took compressed batches unread made the root, and this one opened it for the first time.
    package internal(set) var isOfEarlierVersion = false
    /// Where a damaged `reserved-offsets.json` was put.
    package internal(set) var reservationsSetAside: FilePath?

    package init() {}
}
