package import KafkaTopics
import Synchronization
package import SystemPackage

/// All logs of one data directory, and the topics that they belong to.
///
///     <root>/
///       .lock                    held while a process has the root open
///       topics.json              TopicList: what exists
///       utenti-0/ utenti-1/ …    one PartitionLog each
///       +deleted-4/              a deleted partition, until its files are gone
///
/// Other names in the root are other people's and left alone. All calls may come from any thread; those that change
/// topics wait for the device and for one another. Looking up a log waits for nobody.
package final class LogManager: Sendable {
    /// Begins the name of a partition's directory when the topic is deleted; a running number follows. No topic's name
    /// has a `+`, and it is short however long the topic's name is.
    static let deletedPrefix = "+deleted-"

    package let root: FilePath
    let defaults: LogConfiguration
    /// What the age of records is measured by.
    package let clock: LogClock
    let calls: DiskCalls
    let state: Mutex<State>
    /// Held while topics are changed. Taken before `state`.
    let changes = Mutex(())

    struct State {
        /// Given back when the manager is closed.
        var lock: RootLock?
        var topicList: TopicList
        var logs: [TopicPartition: PartitionLog]
        var isClosed = false
        var deletionCount = 0
    }

    private init(
        root: FilePath,
        defaults: LogConfiguration,
        clock: LogClock,
        calls: DiskCalls,
        state: sending State
    ) {
        self.root = root
        self.defaults = defaults
        self.clock = clock
        self.calls = calls
        self.state = Mutex(state)
    }

    /// Opens the root, which is made where it does not exist, and all logs in it.
    ///
    /// - Parameters:
    ///   - defaults: how logs are kept as far as their topic does not say otherwise.
    ///   - readings: what the age of records is measured by.
    /// - Throws: ``LogError/Code/locked`` where another process has it open, `damaged` where the list of topics cannot
    ///   be read, `storageFailed`.
    package static func open(
        root: FilePath,
        defaults: LogConfiguration,
        readings: LogClock.Readings = .system,
        calls: DiskCalls = .system
    ) throws(LogError) -> (manager: LogManager, report: OpeningReport) {
        for parent in try Disk.makeDirectory(root) { try Disk.synchronizeDirectory(parent, calls: calls) }
        let lock = try RootLock(root: root)
        let clock = try LogClock.open(root: root, readings: readings)
        let now = clock.now()
        var list = try TopicList.load(from: root)
        var report = OpeningReport()
        try clearLeftovers(in: root, calls: calls, &list, &report)
        var logs: [TopicPartition: PartitionLog] = [:]
        for topic in list.topics.values {
            let configuration = try defaults.applying(topic.overrides)
            for partition in topic.partitions {
                let directory = root.appending(partition.description)
                let opened = try PartitionLog.open(
                    directory: directory,
                    configuration: configuration,
                    now: now,
                    calls: calls
                )
                logs[partition] = opened.log
                if !opened.report.wasClean || opened.report.indexesRebuilt > 0 {
                    report.recoveries[partition] = opened.report
                }
            }
        }
        let (unchecked, isNew) = try UncheckedBatches.load(from: root, logs: logs)
        report.isOfEarlierVersion = isNew && !logs.isEmpty
        for (partition, log) in logs {
            log.unchecked.store(unchecked.endOffsets[partition.description] ?? 0, ordering: .relaxed)
        }
        let state = State(lock: lock, topicList: list, logs: logs)
        return (LogManager(root: root, defaults: defaults, clock: clock, calls: calls, state: state), report)
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
        return log?.configuration.entries(defaults: defaults)
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
