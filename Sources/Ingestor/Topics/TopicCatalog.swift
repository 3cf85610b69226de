import CommitLog
import KafkaProtocol
import KafkaTopics
import PlainText

/// The topics that exist: those of the ``LogManager``, with the rules by which clients create and delete them. Creating and
/// deleting one waits for the disk; looking one up does not.
final class TopicCatalog: Sendable {
    private let manager: LogManager
    private let offsets: OffsetStore
    private let limits: IngestorLimits
    private let partitionCount: Int32
    private let defaults: LogConfiguration

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
    }

    /// All topics, by name.
    var all: [TopicMetadata] { manager.topics }

    func topic(_ name: String) -> TopicMetadata? { manager.topic(named: name) }

    func log(_ topic: String, _ partition: Int32) -> PartitionLog? {
        manager.log(for: TopicPartition(topic: topic, partition: partition))
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
        let settings: LogConfiguration
        do throws(LogError) {
            try manager.checkLimit(adding: count, partitionsMax: limits.partitionsMax)
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
        try check(specification)
        do throws(LogError) {
            try manager.createTopic(
                specification.name,
                partitions: partitionCount(of: specification),
                overrides: specification.settings,
                partitionsMax: limits.partitionsMax,
                now: manager.clock.now()
            ) { () throws(LogError) in
                try forgetOffsets(of: specification.name)
            }
        } catch {
            throw TopicRefusal(error)
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
        var remains = DeletionRemains()
        var isDeleted = false
        do throws(LogError) {
            try manager.deleteTopic(name) {
                isDeleted = true
                do throws(IngestorError) { try offsets.forget(topic: name) } catch { remains.offsets = error }
            }
        } catch {
            if error.code == .unknownTopic {
                throw TopicRefusal(.unknownTopicOrPartition, "the topic does not exist")
            }
            guard isDeleted else { throw TopicRefusal(error) }
            remains.files = error
        }
        return remains
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
