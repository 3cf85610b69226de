import CommitLog
import Glibc
import KafkaTopics
import Logging
import NIOCore
import NIOPosix
import Synchronization
import SystemPackage

/// What an ingestor keeps on disk, opened:
///
///     <directory>/
///       topics.json, utenti-0/ …   topics and their logs: see `LogManager`
///       committed-offsets          how far groups have come: see `OffsetEntry`
///       producer-ids               the first producer id that was not given: see ``ProducerIDs``
///       cluster-id                 the cluster's identifier: see ``ClusterIdentity``
struct Storage: Sendable {
    let manager: LogManager
    let topics: TopicCatalog
    let offsets: OffsetStore
    let producerIDs: ProducerIDs
    let clusterID: String

    /// Opens everything, recovers what a crash left, says what was done about it, and makes the topics that shall exist.
    init(
        _ configuration: IngestorConfiguration,
        wallClock: @escaping @Sendable () -> Int64,
        logger: Logger
    ) throws(IngestorError) {
        let root = FilePath(configuration.directory)
        let report: OpeningReport
        do throws(LogError) {
            (manager, report) = try LogManager.open(root: root, defaults: configuration.log, now: wallClock())
        } catch {
            throw error.code == .locked ? .inUse(error.description) : .log(error.description)
        }
        Self.tell(report, logger)
        let recovery: OffsetRecovery
        (offsets, recovery) = try OffsetStore.open(at: root.appending("committed-offsets").string)
        if recovery.bytesCut > 0 {
            logger.warning("torn end of the committed offsets cut", metadata: [LogKey.bytes: "\(recovery.bytesCut)"])
        }
        producerIDs = try ProducerIDs(
            at: root.appending("producer-ids").string,
            beyond: manager.logs.compactMap(\.log.largestProducerID)
        )
        var generator = SystemRandomNumberGenerator()
        clusterID = try ClusterIdentity.clusterID(at: root.appending("cluster-id").string, using: &generator)
        topics = TopicCatalog(manager: manager, offsets: offsets, configuration: configuration, wallClock: wallClock)
        guard configuration.maintainsLogs else { return }
        for topic in configuration.topics where topics.topic(topic.name) == nil {
            do throws(TopicRefusal) {
                try topics.create(topic)
            } catch {
                throw .configuration("the topic '\(topic.name)' cannot be made: \(error)")
            }
        }
    }

    private static func tell(_ report: OpeningReport, _ logger: Logger) {
        for (partition, recovery) in report.recoveries.sorted(by: { $0.key < $1.key }) {
            var metadata: Logger.Metadata = [
                LogKey.topic: "\(partition.topic)",
                LogKey.partition: "\(partition.partition)",
                LogKey.checked: "\(recovery.bytesChecked)",
                LogKey.cut: "\(recovery.bytesCut)",
            ]
            if let reason = recovery.reason { metadata[LogKey.reason] = "\(reason)" }
            let level: Logger.Level = recovery.bytesCut > 0 || !recovery.setAside.isEmpty ? .warning : .info
            logger.log(level: level, "log recovered", metadata: metadata)
            for path in recovery.setAside {
                metadata[LogKey.path] = "\(path)"
                logger.error(
                    "segment behind a damaged place set aside: its records are no longer served",
                    metadata: metadata
                )
            }
        }
        for directory in report.removedDirectories {
            logger.info("directory of no topic removed", metadata: [LogKey.directory: "\(directory)"])
        }
        for directory in report.unknownDirectories {
            logger.warning("directory belongs to no topic, left alone", metadata: [LogKey.directory: "\(directory)"])
        }
    }

    /// Does what time asks for in all logs and in the journal of offsets.
    func maintain(now: Int64, flushes: Bool, logger: Logger) {
        for (partition, error) in manager.maintain(now: now) {
            logger.error(
                "maintenance failed",
                metadata: [
                    LogKey.topic: "\(partition.topic)", LogKey.partition: "\(partition.partition)",
                    LogKey.reason: "\(error)",
                ]
            )
        }
        do throws(IngestorError) {
            if flushes { try offsets.flush() }
            try offsets.compactIfWorthwhile()
        } catch {
            logger.error("maintenance of committed offsets failed", metadata: [LogKey.reason: "\(error)"])
        }
    }

    /// Brings everything to disk and closes it in order.
    func close() throws(IngestorError) {
        let flushed = Result { () throws(IngestorError) in try offsets.flush() }
        do throws(LogError) {
            try manager.close()
        } catch {
            throw .log(error.description)
        }
        try flushed.get()
    }
}
