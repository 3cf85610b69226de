import CommitLog
import Files
import KafkaTopics
import Logging
import NIOCore
import NIOPosix
import Synchronization
import SystemPackage

/// The open data directory of an ingestor:
///
///     <directory>/
///       topics.json, events-0/ …   topics and their logs: see `LogManager`
///       __consumer_offsets-0/      how far groups have come: see `OffsetRecord`
///       reserved-offsets.json      how far offsets may have been given: see `OffsetReservations`
///       producer-ids               the first producer id that was not given: see ``ProducerIDs``
///       node-settings.json         what clients have set for the node: see ``LiveSettings``
///       log-clock.json             what the age of records is counted by: see `LogClock`
///       unchecked-batches.json     up to where earlier versions took compressed batches unread
///       cluster-id                 the cluster's identifier: see ``ClusterIdentity``
struct DataDirectory: Sendable {
    let manager: LogManager
    let topics: TopicCatalog
    let offsets: OffsetStore
    let producerIDs: ProducerIDs
    let liveSettings: LiveSettings
    let clusterID: String
    let retention: RetentionWatch
    let maintenance = MaintenanceWatch()
    let cleaner: LogCleaner

    /// Opens everything, recovers from a crash, logs what was recovered, and creates the configured topics.
    ///
    /// - Parameters:
    ///   - readings: The machine's clocks; other ones in tests.
    ///   - calls: The system's; other ones in tests of a disk that fails or loses power.
    init(
        _ configuration: IngestorConfiguration,
        logger: Logger,
        readings: LogClock.Readings = .system,
        calls: DiskCalls = .system
    ) throws(IngestorError) {
        let root = FilePath(configuration.directory)
        let disk = Disk(calls: calls)
        let report: OpeningReport
        do throws(LogError) {
            (manager, report) = try LogManager.open(
                root: root,
                defaults: configuration.log,
                readings: readings,
                calls: calls,
                openSegmentsMax: min(LogLimits.openSegmentsMax, OpenFiles.limit / 4)
            )
        } catch {
            throw error.code == .locked ? .inUse(error.description) : .log(error.description)
        }
        Self.tell(report, logger)
        cleaner = LogCleaner(manager, calls: calls)
        let recovery: OffsetRecovery
        (offsets, recovery) = try OffsetStore.open(in: manager, disk: disk)
        Self.tell(recovery, logger)
        producerIDs = try ProducerIDs(
            at: root.appending("producer-ids"),
            beyond: manager.logs.compactMap(\.log.largestProducerID),
            disk: disk
        )
        liveSettings = try LiveSettings(at: root.appending("node-settings.json"), disk: disk)
        var generator = SystemRandomNumberGenerator()
        clusterID = try ClusterIdentity.clusterID(at: root.appending("cluster-id"), using: &generator, disk: disk)
        topics = TopicCatalog(manager: manager, offsets: offsets, configuration: configuration)
        retention = RetentionWatch(configuration.retentionHolds)
        guard configuration.maintainsLogs else { return }
        if report.isOfEarlierVersion { try inheritRetention(configuration, logger) }
        for topic in configuration.topics where topics.topic(topic.name) == nil {
            do throws(TopicRefusal) {
                try topics.create(topic)
            } catch {
                throw .configuration("the topic '\(topic.name)' cannot be made: \(error)")
            }
        }
    }

    /// Earlier versions wrote the retention of their configuration into the topics that they made, where it stayed
    /// whatever the configuration said later. What was the default is taken back; any other value was set on purpose.
    private func inheritRetention(_ configuration: IngestorConfiguration, _ logger: Logger) throws(IngestorError) {
        for topic in configuration.topics {
            guard let own = manager.topic(named: topic.name)?.overrides["retention.ms"] else { continue }
            guard own == "172800000" else {
                logger.warning(
                    "the topic keeps its own retention.ms, whatever the configuration says",
                    metadata: [LogKey.topic: "\(topic.name)", LogKey.reason: "it was created with \(own)"]
                )
                continue
            }
            do throws(LogError) {
                try manager.changeOverrides(of: topic.name) { $0["retention.ms"] = nil }
            } catch {
                throw .log(error.description)
            }
        }
    }

    private static func tell(_ report: OpeningReport, _ logger: Logger) {
        for (partition, recovery) in report.recoveries.sorted(by: { $0.key < $1.key }) {
            tell(recovery, partition, logger)
        }
        if let path = report.reservationsSetAside {
            logger.error(
                "damaged list of reserved offsets set aside; records deleted on request lately may be there again",
                metadata: [LogKey.path: "\(path)"]
            )
        }
        for directory in report.removedDirectories {
            logger.info("directory of no topic removed", metadata: [LogKey.directory: "\(directory)"])
        }
        for directory in report.unknownDirectories {
            logger.warning("directory belongs to no topic, left alone", metadata: [LogKey.directory: "\(directory)"])
        }
    }

    private static func tell(_ recovery: RecoveryReport, _ partition: TopicPartition, _ logger: Logger) {
        let place: Logger.Metadata = [
            LogKey.topic: "\(partition.topic)", LogKey.partition: "\(partition.partition)",
        ]
        logger.log(
            level: recovery.bytesCut > 0 ? .warning : .info,
            "log recovered",
            metadata: place.merging(
                [LogKey.checked: "\(recovery.bytesChecked)", LogKey.cut: "\(recovery.bytesCut)"]
            ) { $1 }
        )
        if recovery.wasMissing {
            logger.error(
                "the files of the partition are gone, and its records with them: it goes on where its offsets may have ended",
                metadata: place
            )
        }
        for damage in recovery.damages {
            logger.error(
                "damage in the log set aside; what is behind it is kept",
                metadata: place.merging([LogKey.reason: "\(damage)"]) { $1 }
            )
        }
        if let path = recovery.checkpointSetAside {
            logger.warning(
                "damaged checkpoint set aside; the log was read as a whole",
                metadata: place.merging([LogKey.path: "\(path)"]) { $1 }
            )
        }
        for path in recovery.undeleted {
            logger.warning(
                "segment before the start of the log cannot be deleted",
                metadata: place.merging([LogKey.path: "\(path)"]) { $1 }
            )
        }
        tell(recovery.gaps, partition, logger)
    }

    private static func tell(_ recovery: OffsetRecovery, _ logger: Logger) {
        if let path = recovery.damagedPath {
            logger.error(
                "damaged entries of the committed offsets set aside: groups may read some records again",
                metadata: [LogKey.bytes: "\(recovery.bytesDamaged)", LogKey.path: "\(path)"]
            )
        }
        if recovery.bytesCut > 0 {
            logger.warning("torn end of the committed offsets cut", metadata: [LogKey.bytes: "\(recovery.bytesCut)"])
        }
        for offsets in recovery.unreadable {
            logger.error(
                "committed offsets cannot be read: groups may read some records again",
                metadata: [LogKey.offsets: "\(offsets.lowerBound)..<\(offsets.upperBound)"]
            )
        }
        for (partition, gap) in recovery.gaps.sorted(by: { $0.key < $1.key }) { tell([gap], partition, logger) }
    }

    private static func tell(_ gaps: [Range<Int64>], _ partition: TopicPartition, _ logger: Logger) {
        for gap in gaps {
            logger.error(
                "these offsets have no records any more, or never had; they are not given again",
                metadata: [
                    LogKey.topic: "\(partition.topic)", LogKey.partition: "\(partition.partition)",
                    LogKey.offsets: "\(gap.lowerBound)..<\(gap.upperBound)",
                ]
            )
        }
    }

    /// Runs the periodic maintenance of all logs.
    func maintain(logger: Logger) {
        let results = manager.maintain(now: manager.clock.now()) { retention.hold(on: $0, offsets) }
        for (partition, result) in results.sorted(by: { $0.key < $1.key }) {
            maintenance.watch(.log(partition), logger) { () throws(LogError) in
                let report = try result.get()
                retention.tell(report, of: partition, logger)
                if let damage = report.damage { tell(damage, of: partition, logger) }
                if let failure = report.failure { throw failure }
            }
        }
        maintenance.keep(results.keys)
        maintenance.watch(.logClock, logger) { () throws(LogError) in try manager.clock.saveIfDue() }
    }

    /// Cleans compacted topics for about so many bytes.
    func clean(bytesMax: Int, logger: Logger) {
        for (partition, result) in cleaner.run(now: manager.clock.now(), bytesMax: bytesMax) {
            maintenance.watch(.cleaning(partition), logger) { () throws(LogError) in
                let report = try result.get()
                guard report.cleanedOffset != nil else { return }
                logger.info(
                    "compacted",
                    metadata: [
                        LogKey.topic: "\(partition.topic)", LogKey.partition: "\(partition.partition)",
                        LogKey.records: "\(report.recordsRemoved)",
                        LogKey.bytes: "\(report.bytesBefore - report.bytesAfter)",
                    ]
                )
            }
        }
    }

    private func tell(_ damage: LogError, of partition: TopicPartition, _ logger: Logger) {
        logger.error(
            "a read found damage in the log",
            metadata: [
                LogKey.topic: "\(partition.topic)", LogKey.partition: "\(partition.partition)",
                LogKey.reason: "\(damage)",
            ]
        )
    }

    /// Brings everything to disk and closes it in order.
    func close() throws(IngestorError) {
        cleaner.stop()
        do throws(LogError) {
            try manager.close()
        } catch {
            throw .log(error.description)
        }
    }
}
