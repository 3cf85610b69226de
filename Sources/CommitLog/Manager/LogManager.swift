package import Files
package import KafkaProtocol
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
    package let root: FilePath
    private let defaults: LogConfiguration
    /// What the age of records is measured by.
    package let clock: LogClock
    private let disk: Disk
    private let reservations: OffsetReservations
    private let places: OpenSegments
    private let state: Mutex<State>
    /// Held while topics are changed. Taken before `state`.
    private let changes = Mutex(())

    private var directories: PartitionDirectories {
        PartitionDirectories(root: root, disk: disk, reservations: reservations, places: places)
    }

    private struct State {
        /// Given back when the manager is closed.
        var lock: DirectoryLock?
        var topicList: TopicList
        /// The topics' names by their ids.
        var names: [KafkaUUID: String]
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
        places: OpenSegments,
        state: sending State
    ) {
        self.root = root
        self.defaults = defaults
        self.clock = clock
        self.disk = disk
        self.reservations = reservations
        self.places = places
        self.state = Mutex(state)
    }

    /// Opens the root, which is made where it does not exist, and all logs in it.
    ///
    /// - Parameters:
    ///   - defaults: the configuration of logs whose topic does not override it.
    ///   - readings: what the age of records is measured by; also identifies the boot of the machine.
    ///   - openSegmentsMax: how many segments stay open for appending or reading.
    /// - Throws: ``LogError/Code/locked`` where another process has it open, `damaged` where the list of topics cannot
    ///   be read or a newer program wrote it, `storageFailed`.
    package static func open(
        root: FilePath,
        defaults: LogConfiguration,
        readings: LogClock.Readings = .system,
        calls: DiskCalls = .system,
        openSegmentsMax: Int = LogLimits.openSegmentsMax
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
            try Leftovers.clear(in: root, disk: disk, &list, &report)
            return (lock, list, reservations)
        }
        report.reservationsSetAside = reservations.setAside
        let clock = try LogClock.open(root: root, readings: readings, disk: disk)
        let now = clock.now()
        let places = OpenSegments(limit: openSegmentsMax)
        var closed: [(partition: TopicPartition, configuration: LogConfiguration)] = []
        for topic in list.topics.values {
            let configuration = try defaults.applying(topic.overrides)
            closed += topic.partitions.map { ($0, configuration) }
        }
        var logs: [TopicPartition: PartitionLog] = [:]
        let opened = ConcurrentWork.results(of: closed, threadsMax: LogLimits.threads) {
            partition,
            configuration throws(LogError) in
            try PartitionLog.open(
                directory: root.appending(partition.description),
                configuration: configuration,
                now: now,
                calls: calls,
                reservations: reservations,
                places: places
            )
        }
        for ((partition, _), result) in zip(closed, opened) {
            let (log, recovery) = try result.get()
            logs[partition] = log
            if recovery != RecoveryReport() { report.recoveries[partition] = recovery }
        }
        let (unchecked, isNew) = try UncheckedBatches.load(from: root, logs: logs, disk: disk)
        report.isOfEarlierVersion = isNew && !logs.isEmpty
        for (partition, log) in logs {
            log.setUnchecked(below: unchecked.endOffsets[partition.description] ?? 0)
        }
        let state = State(lock: lock, topicList: list, names: list.names, logs: logs)
        let manager = LogManager(
            root: root,
            defaults: defaults,
            clock: clock,
            disk: disk,
            reservations: reservations,
            places: places,
            state: state
        )
        return (manager, report)
    }

    /// Says that nothing more is known about where the logs end, and reserves offsets for all of them: to be called
    /// once, before the first append.
    ///
    /// - Parameter reached: Offsets that the logs seem to have reached, because groups committed them. A log that ends
    ///   before is closed up to its reserved bound, unless it is as it was when it was closed: then a client has committed
    ///   what was never there.
    /// - Returns: the offsets that are therefore not given again.
    package func begin(
        reached: [TopicPartition: Int64] = [:]
    ) throws(LogError) -> [TopicPartition: Range<Int64>] {
        var gaps: [TopicPartition: Range<Int64>] = [:]
        for (partition, offset) in reached {
            guard let log = log(for: partition) else { continue }
            if let closing = log.closing, reservations.isLastClosing(closing, of: partition.description) { continue }
            if let gap = try log.resume(ifBelow: offset, now: clock.now()) { gaps[partition] = gap }
        }
        try reserveOffsets()
        let logs = logs
        let directories = Set(logs.map(\.partition.description))
        let epoch = logs.map(\.log.leaderEpoch).max() ?? 0
        try LogError.mapping { () throws(FileError) in
            try reservations.beginOpening(keeping: directories, leaderEpoch: epoch)
        }
        return gaps
    }

    /// Raises the bounds of all logs that have used half of their reserve, in one write.
    private func reserveOffsets() throws(LogError) {
        let due = logs.compactMap { partition, log in log.reservationDue.map { (partition, log, $0) } }
        guard !due.isEmpty else { return }
        let bounds = Dictionary(uniqueKeysWithValues: due.map { ($0.0.description, $0.2) })
        try LogError.mapping { () throws(FileError) in try reservations.raise(bounds) }
        for (_, log, bound) in due {
            do throws(LogError) {
                try log.reserve(through: bound)
            } catch {
                // The log was deleted or closed meanwhile.
                if error.code != .closed { throw error }
            }
        }
    }

    // MARK: Looking up

    /// All topics, by name.
    package var topics: [TopicMetadata] {
        state.withLock { $0.topicList.topics.values.sorted { $0.name < $1.name } }
    }

    /// The topic of this name; `nil` where there is none.
    package func topic(named name: String) -> TopicMetadata? { state.withLock { $0.topicList.topics[name] } }

    /// The topic of this id; `nil` where there is none.
    package func topic(id: KafkaUUID) -> TopicMetadata? {
        state.withLock { state in state.names[id].flatMap { state.topicList.topics[$0] } }
    }

    /// The log of a partition of the topic that has this id; `nil` where there is none.
    package func log(ofTopic id: KafkaUUID, partition: Int32) -> PartitionLog? {
        state.withLock { state in
            state.names[id].flatMap { state.logs[TopicPartition(topic: $0, partition: partition)] }
        }
    }

    /// The log of a partition; `nil` where there is none.
    package func log(for partition: TopicPartition) -> PartitionLog? { state.withLock { $0.logs[partition] } }

    /// The partitions of all topics that are not internal.
    package var partitionCount: Int { state.withLock { $0.topicList.partitionCount } }

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
            sources: [.init(.defaultValue, name: TopicName.idConfiguration, value: "\(topic.id)")],
            type: .string,
            isReadOnly: true,
            documentation: "Tells this topic from another one of its name."
        )
        return log.configuration.entries(overrides: topic.overrides, defaults: defaults) + [id]
    }

    // MARK: Running

    /// Periodic work of every log; see ``PartitionLog/maintain(now:hold:)``. A log that fails does not
    /// affect the others.
    ///
    /// - Parameters:
    ///   - now: the time by the log's clock; see ``LogClock``.
    ///   - hold: the hold of a reader on a partition, if any.
    /// - Returns: the outcome by partition.
    @discardableResult
    package func maintain(
        now: Int64,
        hold: (TopicPartition) -> RetentionHold? = { _ in nil }
    ) -> [TopicPartition: Result<MaintenanceReport, LogError>] {
        var results: [TopicPartition: Result<MaintenanceReport, LogError>] = [:]
        var notReserved: LogError?
        do throws(LogError) {
            try reserveOffsets()
        } catch {
            // What is left of the reserve is used, and the append that needs more tries again.
            notReserved = error
        }
        for (partition, log) in logs {
            do throws(LogError) {
                var report = try log.maintain(now: now, hold: hold(partition))
                if log.reservationDue != nil { report.failure = report.failure ?? notReserved }
                results[partition] = .success(report)
            } catch {
                // The log was deleted or closed meanwhile.
                if error.code != .closed { results[partition] = .failure(error) }
            }
        }
        return results
    }

    /// Closes all logs cleanly, so that the next opening reads nothing. All calls fail with `closed` afterwards.
    ///
    /// - Throws: the first failure; all logs are closed nevertheless.
    package func close() throws(LogError) {
        try changes.withLock { _ throws(LogError) in
            let logs = state.withLock { state in
                defer { state.isClosed = true }
                return state.isClosed ? [] : state.logs.map { ($0.key, $0.value) }
            }
            var kept: [String: String] = [:]
            var failure: LogError?
            let closed = ConcurrentWork.results(of: logs, threadsMax: LogLimits.threads) { _, log throws(LogError) in
                try log.close()
            }
            for ((partition, _), result) in zip(logs, closed) {
                do throws(LogError) { kept[partition.description] = try result.get() } catch {
                    failure = failure ?? error
                }
            }
            do throws(LogError) {
                try LogError.mapping { () throws(FileError) in try reservations.noteClosed(kept: kept) }
            } catch {
                failure = failure ?? error
            }
            do throws(LogError) { try clock.save() } catch { failure = failure ?? error }
            state.withLock { $0.lock = nil }
            if let failure { throw failure }
        }
    }
}

extension LogManager {
    /// Creates topics, durably: those that can be created all together or not at all.
    ///
    /// However many they are, the list of topics is written once, and their directories wait for the device together.
    ///
    /// - Parameters:
    ///   - partitionsMax: The most partitions that all topics may have together.
    ///   - onlyChecks: Whether to create nothing, and only say what could be.
    ///   - prepare: Called last, before the topics enter the list; where it throws, none is created. No topic changes
    ///     meanwhile.
    /// - Returns: by name, the topic or why it is not created: `topicExists`, `invalidTopic`, `limitReached`,
    ///   `invalidConfiguration`, `storageFull`, `storageFailed`.
    package func createTopics(
        _ wanted: [NewTopic],
        partitionsMax: Int = .max,
        onlyChecks: Bool = false,
        now: Int64,
        prepare: ([TopicMetadata]) throws(LogError) -> Void = { _ in }
    ) -> [String: Result<TopicMetadata, LogError>] {
        create(wanted, partitionsMax: partitionsMax, isInternal: false) { creation, list throws(LogError) in
            if onlyChecks { return }
            try make(creation, isInternal: false, in: list, now: now) { topics, _ throws(LogError) in
                try prepare(topics)
            }
        }
    }

    /// Creates a topic, durably.
    ///
    /// - Parameters:
    ///   - isInternal: Whether it is the ingestor's own.
    ///   - prepare: Called last, before the topic enters the list; where it throws, the topic is not created. No topic
    ///     changes meanwhile. What it appends to the logs of an internal topic, and flushes, is there if the topic is.
    /// - Throws: what ``createTopics(_:partitionsMax:onlyChecks:now:prepare:)`` says of it.
    @discardableResult
    package func createTopic(
        _ name: String,
        partitions count: Int32,
        overrides: [String: String] = [:],
        partitionsMax: Int = .max,
        isInternal: Bool = false,
        now: Int64,
        prepare: ([PartitionLog]) throws(LogError) -> Void = { _ in }
    ) throws(LogError) -> TopicMetadata {
        let wanted = NewTopic(name, partitions: count, overrides: overrides)
        let made = create([wanted], partitionsMax: partitionsMax, isInternal: isInternal) {
            creation,
            list throws(LogError) in
            try make(creation, isInternal: isInternal, in: list, now: now) { topics, logs throws(LogError) in
                try prepare(topics.flatMap(\.partitions).compactMap { logs[$0] })
            }
        }
        guard let topic = made[name] else { preconditionFailure("nothing is said of the topic '\(name)'") }
        return try topic.get()
    }

    private func create(
        _ wanted: [NewTopic],
        partitionsMax: Int,
        isInternal: Bool,
        make: (TopicCreation, TopicList) throws(LogError) -> Void
    ) -> [String: Result<TopicMetadata, LogError>] {
        changes.withLock { _ in
            do throws(LogError) {
                let list = try openList()
                var creation = TopicCreation(beside: list, partitionsMax: partitionsMax, defaults: defaults)
                for topic in wanted { creation.add(topic, isInternal: isInternal, checkFree: directories.checkFree) }
                return creation.outcome(Result { () throws(LogError) in try make(creation, list) })
            } catch {
                return Dictionary(wanted.map { ($0.name, .failure(error)) }) { first, _ in first }
            }
        }
    }

    private func make(
        _ creation: TopicCreation,
        isInternal: Bool,
        in list: TopicList,
        now: Int64,
        prepare: ([TopicMetadata], [TopicPartition: PartitionLog]) throws(LogError) -> Void
    ) throws(LogError) {
        let partitions = creation.partitions
        guard !partitions.isEmpty else { return }
        var list = list
        if isInternal {
            // Its logs may have records when a crash comes: the next opening is to delete them.
            list.deletions.formUnion(partitions.map(\.description))
            try commit(list) { _ in }
        }
        let logs = try directories.makeLogs(creation.accepted.map { ($0.topic.partitions, $0.configuration) }, now: now)
        for made in creation.accepted { list.topics[made.topic.name] = made.topic }
        list.deletions.subtract(partitions.map(\.description))
        do throws(LogError) {
            try prepare(creation.accepted.map(\.topic), logs)
            if isInternal { try LogError.mapping { () throws(FileError) in try disk.synchronizeDirectory(root) } }
            try commit(list) { state in state.logs.merge(logs) { _, new in new } }
        } catch {
            // The list on the device may have an internal topic nevertheless. Where it has not, it says what to delete.
            if !isInternal { directories.remove(partitions) }
            throw error
        }
    }

    /// - Throws: ``LogError/Code/limitReached`` where so many more partitions would be too many for all topics together.
    package func checkLimit(adding count: Int32, partitionsMax: Int) throws(LogError) {
        try TopicCreation.checkLimit(adding: count, to: partitionCount, partitionsMax: partitionsMax)
    }

    /// Changes a topic's overrides, durably and at once for all its partitions.
    ///
    /// - Parameters:
    ///   - onlyChecks: Whether to change nothing, and only say whether it could be done.
    ///   - change: Makes the new overrides from those that the topic has.
    /// - Throws: ``LogError/Code/unknownTopic``, `invalidConfiguration`, `storageFailed`; nothing is changed then.
    package func changeOverrides(
        of name: String,
        onlyChecks: Bool = false,
        _ change: (inout [String: String]) throws(LogError) -> Void
    ) throws(LogError) {
        try changes.withLock { _ throws(LogError) in
            var list = try openList()
            guard var topic = list.topics[name] else { throw Self.unknown(name) }
            try change(&topic.overrides)
            let configuration = try defaults.applying(topic.overrides)
            if onlyChecks || topic == list.topics[name] { return }
            list.topics[name] = topic
            let logs = try commit(list) { [topic] state in topic.partitions.compactMap { state.logs[$0] } }
            for log in logs { log.configure(configuration) }
        }
    }

    /// Gives a topic more partitions, durably.
    ///
    /// - Parameters:
    ///   - count: How many it has then.
    ///   - partitionsMax: The most partitions that all topics may have together.
    /// - Throws: ``LogError``: `unknownTopic`, `invalidPartitionCount`, `limitReached`, `invalidTopic` where something is
    ///   in the way, `storageFull`, `storageFailed`; the topic is as it was then.
    package func addPartitions(
        to name: String,
        count: Int32,
        partitionsMax: Int = .max,
        now: Int64
    ) throws(LogError) {
        try changes.withLock { _ throws(LogError) in
            var list = try openList()
            guard var topic = list.topics[name] else { throw Self.unknown(name) }
            guard count > topic.partitionCount, count <= LogLimits.partitionsPerTopicMax else {
                throw LogError(
                    .invalidPartitionCount,
                    "the topic has \(topic.partitionCount) partitions and can get up to "
                        + "\(LogLimits.partitionsPerTopicMax), not \(count)"
                )
            }
            try checkLimit(adding: count - topic.partitionCount, partitionsMax: partitionsMax)
            let configuration = try defaults.applying(topic.overrides)
            let added = (topic.partitionCount..<count).map { TopicPartition(topic: name, partition: $0) }
            topic.partitionCount = count
            list.topics[name] = topic
            let logs = try directories.makeLogs([(added, configuration)], now: now)
            do throws(LogError) {
                try commit(list) { state in state.logs.merge(logs) { _, new in new } }
            } catch {
                directories.remove(added)
                throw error
            }
        }
    }

    /// Deletes a topic with all its records, or throws why not; see ``deleteTopics(_:deleted:)``.
    package func deleteTopic(_ name: String) throws(LogError) {
        if case .failure(let error) = deleteTopics([name])[name] { throw error }
    }

    /// Deletes topics with all their records. Those that are called deleted do not exist any more, whatever happens; slices
    /// that were read before can still be sent. The list of topics is written once.
    ///
    /// - Parameter deleted: Called with those that do not exist any more; their files may. No topic changes meanwhile.
    /// - Returns: by name, whether it and its files are gone: `unknownTopic`; `storageFailed` where files could not be
    ///   removed, which is repaired when the root is opened again.
    package func deleteTopics(
        _ names: Set<String>,
        deleted: ([String]) -> Void = { _ in }
    ) -> [String: Result<Void, LogError>] {
        changes.withLock { _ in
            var results = Dictionary(uniqueKeysWithValues: names.map { ($0, Result<Void, LogError>.success(())) })
            do throws(LogError) {
                var list = try openList()
                let topics = names.sorted().compactMap { list.topics.removeValue(forKey: $0) }
                for name in names.subtracting(topics.map(\.name)) { results[name] = .failure(Self.unknown(name)) }
                guard !topics.isEmpty else { return results }
                let partitions = topics.flatMap(\.partitions)
                list.deletions.formUnion(partitions.map(\.description))
                reservations.raiseLeaderEpoch()
                let logs = try commit(list) { state in partitions.compactMap { state.logs.removeValue(forKey: $0) } }
                for log in logs { log.abandon() }
                deleted(topics.map(\.name))
                // Renamed at once, so that the names are free; removed afterwards, which may take long.
                let directories = topics.map { topic in
                    (topic.name, Result { () throws(LogError) in try setAside(topic) })
                }
                for (name, renamed) in directories {
                    results[name] = Result { () throws(LogError) in
                        let directories = try renamed.get()
                        try LogError.mapping { () throws(FileError) in
                            for directory in directories { try disk.removeTree(directory) }
                        }
                    }
                }
            } catch {
                for name in names where (try? results[name]?.get()) != nil { results[name] = .failure(error) }
            }
            return results
        }
    }

    /// Deletes the records of partitions before an offset each, whatever their age; see ``PartitionLog/deleteRecords(before:)``.
    /// Where all of them begin is one write to the device.
    ///
    /// - Returns: by partition, the offset of the oldest record that is kept now. Failures are `unknownTopic`,
    ///   `offsetOutOfRange`, `closed`, `storageFailed`.
    package func deleteRecords(before offsets: [TopicPartition: Int64]) -> [TopicPartition: Result<Int64, LogError>] {
        changes.withLock { _ in
            var results: [TopicPartition: Result<Int64, LogError>] = [:]
            var due: [TopicPartition: Int64] = [:]
            for (partition, offset) in offsets {
                results[partition] = Result { () throws(LogError) in
                    let start = try self.existingLog(for: partition).moveStart(to: offset)
                    if start.isDue { due[partition] = start.offset }
                    return start.offset
                }
            }
            guard !due.isEmpty else { return results }
            let starts = Dictionary(uniqueKeysWithValues: due.map { ($0.key.description, $0.value) })
            // One log alone notes its start in its own checkpoint. On a full disk each of them makes room for that by deleting
            // its files.
            let areNoted = due.count > 1 && (try? reservations.noteStarts(starts)) != nil
            for (partition, start) in due {
                results[partition] = Result { () throws(LogError) in
                    let log = try self.existingLog(for: partition)
                    guard areNoted else { return try log.deleteRecords(before: start) }
                    try log.startIsNoted(start)
                    return start
                }
            }
            return results
        }
    }

    private func existingLog(for partition: TopicPartition) throws(LogError) -> PartitionLog {
        guard let log = log(for: partition) else { throw Self.unknown(partition.topic) }
        return log
    }

    private func setAside(_ topic: TopicMetadata) throws(LogError) -> [FilePath] {
        try topic.partitions.map { partition throws(LogError) in
            let number = state.withLock { state in
                state.deletionCount += 1
                return state.deletionCount
            }
            // Opening the root removed those of earlier processes: the name is free.
            let directory = root.appending(Leftovers.deletedPrefix + String(number))
            try LogError.mapping { () throws(FileError) in
                try disk.rename(root.appending(partition.description), to: directory)
            }
            state.withLock { _ = $0.topicList.deletions.remove(partition.description) }
            return directory
        }
    }

    // MARK: Parts

    private func openList() throws(LogError) -> TopicList {
        let (list, isClosed) = state.withLock { ($0.topicList, $0.isClosed) }
        if isClosed { throw .closed(root) }
        return list
    }

    /// Writes the list, then applies it in memory. Where that fails, the file is written back as memory has it. Call it
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
            // What failed may be the last step, after the file took its place: the next start would read it.
            try? before.save(in: root, disk: disk)
            throw error
        }
        return state.withLock { state in
            state.topicList = list
            state.names = list.names
            return change(&state)
        }
    }

    private static func unknown(_ name: String) -> LogError {
        LogError(.unknownTopic, "there is no topic '\(name)'")
    }
}
