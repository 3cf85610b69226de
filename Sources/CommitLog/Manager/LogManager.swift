package import Files
package import KafkaTopics
import Synchronization
package import SystemPackage

/// All logs of one data directory, and the topics that they belong to.
///
///     <root>/
///       .lock                    held while a process has the root open
///       topics.json              TopicList: what exists
///       reserved-offsets.json    OffsetReservations: how far offsets may have been given
///       utenti-0/ utenti-1/ …    one PartitionLog each
///       +deleted-4/              a deleted partition, until its files are gone
///
/// Other names in the root are left alone. All calls may come from any thread. Calls that change topics wait for the
/// device and for one another; looking up a log does not wait.
package final class LogManager: Sendable {
    /// Begins the name of a partition's directory when the topic is deleted; a running number follows. No topic's name
    /// has a `+`, and it is short however long the topic's name is.
    static let deletedPrefix = "+deleted-"

    package let root: FilePath
    let defaults: LogConfiguration
    /// What the age of records is measured by.
    package let clock: LogClock
    let disk: Disk
    let reservations: OffsetReservations
    let state: Mutex<State>
    /// Held while topics are changed. Taken before `state`.
    let changes = Mutex(())

    struct State {
        /// Given back when the manager is closed.
        var lock: DirectoryLock?
        var topicList: TopicList
        var logs: [TopicPartition: PartitionLog]
        var isClosed = false
        var deletionCount = 0
    }

    private init(
        root: FilePath,
        defaults: LogConfiguration,
        clock: LogClock,
        disk: Disk,
        reservations: OffsetReservations,
        state: sending State
    ) {
        self.root = root
        self.defaults = defaults
        self.clock = clock
        self.disk = disk
        self.reservations = reservations
        self.state = Mutex(state)
    }

    /// Opens the root, which is made where it does not exist, and all logs in it.
    ///
    /// - Parameters:
    ///   - defaults: how logs are kept as far as their topic does not say otherwise.
    ///   - readings: what the age of records is measured by; it also tells the boot of the machine.
    /// - Throws: ``LogError/Code/locked`` where another process has it open, `damaged` where the list of topics cannot
    ///   be read or a newer program wrote it, `storageFailed`.
    package static func open(
        root: FilePath,
        defaults: LogConfiguration,
        readings: LogClock.Readings = .system,
        calls: DiskCalls = .system
    ) throws(LogError) -> (manager: LogManager, report: OpeningReport) {
        let disk = Disk(calls: calls)
        var report = OpeningReport()
        let (lock, list, reservations) = try LogError.mapping { () throws(FileError) in
            try disk.makeDirectoryDurably(root)
            let lock = try DirectoryLock(root, calls: calls)
            let isNew = !disk.exists(root.appending(TopicList.fileName))
            var (list, isMigrated) = try TopicList.load(from: root, disk: disk)
            let reservations = try OffsetReservations(
                root: root,
                boot: readings.bootID(),
                isFirst: isNew || isMigrated,
                disk: disk
            )
            // Before anything else is written: an earlier program must not take the directory for its own any more.
            if isMigrated { try list.save(in: root, disk: disk) }
            try clearLeftovers(in: root, disk: disk, &list, &report)
            return (lock, list, reservations)
        }
        report.reservationsSetAside = reservations.setAside
        let clock = try LogClock.open(root: root, readings: readings, disk: disk)
        let now = clock.now()
        var logs: [TopicPartition: PartitionLog] = [:]
        for topic in list.topics.values {
            let configuration = try defaults.applying(topic.overrides)
            for partition in topic.partitions {
                let opened = try PartitionLog.open(
                    directory: root.appending(partition.description),
                    configuration: configuration,
                    now: now,
                    calls: calls,
                    reservations: reservations
                )
                logs[partition] = opened.log
                if opened.report != RecoveryReport() { report.recoveries[partition] = opened.report }
            }
        }
        let (unchecked, isNew) = try UncheckedBatches.load(from: root, logs: logs, disk: disk)
        report.isOfEarlierVersion = isNew && !logs.isEmpty
        for (partition, log) in logs {
            log.unchecked.store(unchecked.endOffsets[partition.description] ?? 0, ordering: .relaxed)
        }
        let state = State(lock: lock, topicList: list, logs: logs)
        let manager = LogManager(
            root: root,
            defaults: defaults,
            clock: clock,
            disk: disk,
            reservations: reservations,
            state: state
        )
        return (manager, report)
    }

    /// Says that nothing more is known about where the logs end, and reserves offsets for all of them: to be called
    /// once, before the first append.
    ///
    /// - Parameter reached: Offsets that the logs are known to have reached, because groups committed them. A log that
    ///   ends before is closed up to its reserved bound.
    /// - Returns: the offsets that are therefore not given again.
    package func begin(
        reached: [TopicPartition: Int64] = [:]
    ) throws(LogError) -> [TopicPartition: Range<Int64>] {
        var gaps: [TopicPartition: Range<Int64>] = [:]
        for (partition, offset) in reached {
            if let gap = try log(for: partition)?.resume(ifBelow: offset, now: clock.now()) { gaps[partition] = gap }
        }
        try reserveOffsets()
        let directories = Set(logs.map(\.partition.description))
        try LogError.mapping { () throws(FileError) in try reservations.beginOpening(keeping: directories) }
        return gaps
    }

    /// Raises the bounds of all logs that have used half of their reserve, in one write.
    private func reserveOffsets() throws(LogError) {
        let due = logs.compactMap { partition, log in log.reservationDue.map { (partition, log, $0) } }
        guard !due.isEmpty else { return }
        let bounds = Dictionary(uniqueKeysWithValues: due.map { ($0.0.description, $0.2) })
        try LogError.mapping { () throws(FileError) in try reservations.raise(bounds) }
        for (_, log, bound) in due { try log.reserve(through: bound) }
    }

    // MARK: Looking up

    /// All topics, by name.
    package var topics: [TopicMetadata] {
        state.withLock { $0.topicList.topics.values.sorted { $0.name < $1.name } }
    }

    /// The topic of this name; `nil` where there is none.
    package func topic(named name: String) -> TopicMetadata? { state.withLock { $0.topicList.topics[name] } }

    /// The log of a partition; `nil` where there is none.
    package func log(for partition: TopicPartition) -> PartitionLog? { state.withLock { $0.logs[partition] } }

    /// All logs, in the order of their partitions.
    package var logs: [(partition: TopicPartition, log: PartitionLog)] {
        state.withLock { state in state.logs.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }
    }

    /// The settings of a topic as clients see them; `nil` where there is no such topic.
    package func configurationEntries(ofTopic name: String) -> [LogConfigurationEntry]? {
        let log = log(for: TopicPartition(topic: name, partition: 0))
        guard let log, let topic = topic(named: name) else { return nil }
        let id = LogConfigurationEntry(
            name: TopicName.idConfiguration,
            value: "\(topic.id)",
            isDefault: true,
            isReadOnly: true,
            documentation: "Tells this topic from another one of its name."
        )
        return log.configuration.entries(defaults: defaults) + [id]
    }

    // MARK: Running

    /// Does what time asks for in every log; see ``PartitionLog/maintain(now:hold:)``. A log that fails does not keep the
    /// others from it.
    ///
    /// - Parameters:
    ///   - now: the time by the log's clock; see ``LogClock``.
    ///   - hold: what retention keeps of a partition for a reader.
    /// - Returns: what came of it, by partition.
    @discardableResult
    package func maintain(
        now: Int64,
        hold: (TopicPartition) -> RetentionHold? = { _ in nil }
    ) -> [TopicPartition: Result<RetentionReport, LogError>] {
        var results: [TopicPartition: Result<RetentionReport, LogError>] = [:]
        do throws(LogError) {
            try reserveOffsets()
        } catch {
            // What is left of the reserve is used, and the append that needs more tries again.
            for (partition, log) in logs where log.reservationDue != nil { results[partition] = .failure(error) }
        }
        for (partition, log) in logs {
            do throws(LogError) {
                results[partition] = .success(try log.maintain(now: now, hold: hold(partition)))
            } catch {
                // A log that was deleted or closed meanwhile needs nothing any more.
                if error.code != .closed { results[partition] = .failure(error) }
            }
        }
        return results
    }

    /// Closes all logs in order, so that the next opening reads nothing. All calls fail with `closed` afterwards.
    ///
    /// - Throws: the first failure; all logs are closed nevertheless.
    package func close() throws(LogError) {
        try changes.withLock { _ throws(LogError) in
            let logs = state.withLock { state in
                defer { state.isClosed = true }
                return state.isClosed ? [] : Array(state.logs.values)
            }
            var failure: LogError?
            for log in logs {
                do throws(LogError) { try log.close() } catch { failure = failure ?? error }
            }
            do throws(LogError) { try clock.save() } catch { failure = failure ?? error }
            state.withLock { $0.lock = nil }
            if let failure { throw failure }
        }
    }
}
