import CommitLog
import KafkaProtocol
import KafkaTopics
import PlainText
import Synchronization

/// The topics that exist. Making and deleting one waits for the disk; looking one up does not.
final class TopicCatalog: Sendable {
    private struct State {
        var topics: [String: Topic] = [:]
        /// Of all topics together.
        var partitionCount = 0

        mutating func insert(_ topic: Topic) {
            topics[topic.name] = topic
            partitionCount += topic.partitions.count
        }

        mutating func remove(_ name: String) -> Topic? {
            guard let topic = topics.removeValue(forKey: name) else { return nil }
            partitionCount -= topic.partitions.count
            return topic
        }
    }

    private let manager: LogManager
    private let offsets: OffsetStore
    private let limits: IngestorLimits
    private let partitionCount: Int32
    private let defaults: LogConfiguration
    private let state: Mutex<State>
    /// Held while topics change, so that the limit on partitions holds, and no topic begins between another's end and that
    /// of its offsets. Taken before `state`.
    private let changes = Mutex(())

    init(
        manager: LogManager,
        offsets: OffsetStore,
        configuration: IngestorConfiguration
    ) {
        self.manager = manager
        self.offsets = offsets
        limits = configuration.limits
        partitionCount = configuration.partitionCount
        defaults = configuration.log
        var state = State()
        for topic in manager.topics { state.insert(Self.topic(topic, of: manager)) }
        self.state = Mutex(state)
    }

    /// All topics, by name.
    var all: [Topic] {
        state.withLock { Array($0.topics.values) }.sorted { $0.name < $1.name }
    }

    func topic(_ name: String) -> Topic? {
        state.withLock { $0.topics[name] }
    }

    func partition(_ topic: String, _ number: Int32) -> Partition? {
        state.withLock { state in
            guard let partitions = state.topics[topic]?.partitions, partitions.indices.contains(Int(number)) else {
                return nil
            }
            return partitions[Int(number)]
        }
    }

    /// The settings of a topic, as clients see them.
    func settings(of topic: String) -> [LogConfigurationEntry]? {
        manager.configurationEntries(ofTopic: topic)
    }

    /// How many partitions a topic of this specification has.
    func partitionCount(of specification: TopicSpecification) -> Int32 {
        specification.partitionCount ?? partitionCount
    }

    /// Why this topic could not be created now.
    func check(_ specification: TopicSpecification) throws(TopicRefusal) {
        if let problem = specification.nameProblem { throw TopicRefusal(.invalidTopic, problem) }
        guard topic(specification.name) == nil else {
            throw TopicRefusal(.topicAlreadyExists, "there is a topic '\(specification.name)' already")
        }
        let count = partitionCount(of: specification)
        guard count >= 1, count <= limits.partitionsPerTopicMax else {
            throw TopicRefusal(
                .invalidPartitions,
                "a topic has 1 to \(limits.partitionsPerTopicMax) partitions, not \(count)"
            )
        }
        let existing = state.withLock { $0.partitionCount }
        guard existing + Int(count) <= limits.partitionsMax else {
            throw TopicRefusal(
                .policyViolation,
                "there are \(existing) partitions, and \(limits.partitionsMax) is the most for all topics together"
            )
        }
        let settings: LogConfiguration
        do throws(LogError) {
            settings = try defaults.applying(specification.settings)
        } catch {
            throw TopicRefusal(error)
        }
        guard specification.settings["max.message.bytes"] == nil || settings.messageBytesMax <= limits.requestBytesMax
        else {
            throw TopicRefusal(
                .invalidConfig,
                "max.message.bytes is \(settings.messageBytesMax), and no request may have more than "
                    + "\(limits.requestBytesMax) bytes: raise ingestor.request-bytes-max first"
            )
        }
    }

    /// Makes a topic; when this returns it exists also after a power cut.
    ///
    /// What groups had committed of an earlier topic of this name is forgotten, also on the device, before this one exists:
    /// they would skip its first records. That the end of the earlier one took care of it cannot be relied on, as a crash
    /// or a failing disk may have come between.
    func create(_ specification: TopicSpecification) throws(TopicRefusal) {
        try changes.withLock { _ throws(TopicRefusal) in
            try check(specification)
            do throws(LogError) {
                let made = try manager.createTopic(
                    specification.name,
                    partitions: partitionCount(of: specification),
                    overrides: specification.settings,
                    now: manager.clock.now()
                ) { () throws(LogError) in
                    try forgetOffsets(of: specification.name)
                }
                let topic = Self.topic(made, of: manager)
                state.withLock { $0.insert(topic) }
            } catch {
                throw TopicRefusal(error)
            }
        }
    }

    private func forgetOffsets(of topic: String) throws(LogError) {
        do throws(IngestorError) {
            try offsets.forget(topic: topic)
            try offsets.flush()
        } catch {
            throw LogError(.storageFailed, "offsets of an earlier topic '\(topic)' are not forgotten: \(error)")
        }
    }

    /// Deletes a topic with its records and what groups had committed of it; fetches that wait for it are answered.
    ///
    /// - Returns: what is left of it, although the topic is gone.
    /// - Throws: where the topic is as it was before.
    func delete(_ name: String) throws(TopicRefusal) -> DeletionRemains {
        try changes.withLock { _ throws(TopicRefusal) in
            // Taken out first, so that no request finds a log that is about to be closed.
            guard let topic = state.withLock({ $0.remove(name) }) else {
                throw TopicRefusal(.unknownTopicOrPartition, "there is no topic of this name")
            }
            var remains = DeletionRemains()
            do throws(LogError) {
                try manager.deleteTopic(name)
            } catch {
                if manager.topic(named: name) != nil {
                    state.withLock { $0.insert(topic) }
                    throw TopicRefusal(error)
                }
                remains.files = error
            }
            do throws(IngestorError) { try offsets.forget(topic: name) } catch { remains.offsets = error }
            for partition in topic.partitions { partition.waits.finishAll() }
            return remains
        }
    }

    private static func topic(_ metadata: TopicMetadata, of manager: LogManager) -> Topic {
        Topic(
            name: metadata.name,
            partitions: metadata.partitions.compactMap { manager.log(for: $0).map(Partition.init(log:)) }
        )
    }
}

/// A topic as requests see it.
struct Topic: Sendable {
    let name: String
    /// By number.
    let partitions: [Partition]
}

/// One partition as requests see it: its log, and the fetches that wait for it.
final class Partition: Sendable {
    let log: PartitionLog
    let waits = FetchWaits()

    init(log: PartitionLog) {
        self.log = log
    }
}

/// What is left of a topic that is deleted. None of it comes back: each part is removed at the latest where it would be in
/// the way.
struct DeletionRemains {
    /// Why some of its files are still there; the next start removes them.
    var files: LogError?
    /// Why groups still have offsets of it; they are forgotten before a topic gets the same name.
    var offsets: IngestorError?
}

/// Why a topic is not created or deleted: Kafka's code, and a message. The message does not repeat the topic's name, which
/// the answer has beside it: a request can name 100,000 topics.
struct TopicRefusal: Error, CustomStringConvertible {
    private static let byteCountMax = 1_000

    let code: ErrorCode
    let description: String

    init(_ code: ErrorCode, _ description: String) {
        self.code = code
        // A setting's name or value may be in it, of any length and with any characters.
        let start = String(decoding: description.utf8.prefix(Self.byteCountMax), as: UTF8.self)
        self.description = PrintableText.escaping(start)
    }

    init(_ error: LogError) {
        self.init(ErrorCode(error.code), error.description)
    }
}
