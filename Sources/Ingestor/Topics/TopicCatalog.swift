import CommitLog
import KafkaProtocol
import KafkaTopics
import PlainText
import Synchronization

/// The topics that exist: those of the ``LogManager``, with the rules by which clients create, change and delete them. That
/// waits for the disk; looking one up does not.
final class TopicCatalog: Sendable {
    private let manager: LogManager
    private let offsets: OffsetStore
    private let limits: IngestorLimits
    private let partitionCount: Int32
    private let defaults: LogConfiguration
    /// How often topics have been made, deleted or given partitions.
    private let changes = Atomic<UInt64>(0)
    private let lastView = Mutex<TopicView?>(nil)

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

    /// The topics that exist now, as groups see them.
    var view: TopicView {
        // Counted after each change: what is read then has it.
        let change = changes.load(ordering: .sequentiallyConsistent)
        return lastView.withLock { last in
            if let last, last.change >= change { return last }
            let topics = manager.topics.map { ($0.name, TopicView.Topic(id: $0.id, partitionCount: $0.partitionCount)) }
            let view = TopicView(change: change, topics: Dictionary(uniqueKeysWithValues: topics))
            last = view
            return view
        }
    }

    private func countChange() { changes.add(1, ordering: .sequentiallyConsistent) }

    /// All topics, by name.
    var all: [TopicMetadata] { manager.topics }

    func topic(_ name: String) -> TopicMetadata? { manager.topic(named: name) }

    func topic(id: KafkaUUID) -> TopicMetadata? { manager.topic(id: id) }

    func log(_ topic: String, _ partition: Int32) -> PartitionLog? {
        manager.log(for: TopicPartition(topic: topic, partition: partition))
    }

    /// The log of a partition of a topic that a request names; see ``name(_:version:)``.
    func log<Request, Partition>(_ topic: IdentifiedTopic<Request, Partition>, _ partition: Int32) -> PartitionLog? {
        topic.id == .zero ? log(topic.name, partition) : manager.log(ofTopic: topic.id, partition: partition)
    }

    /// Gives topics that a request names by their ids their names: an empty one where no topic has the id.
    func name<Request, Partition>(_ topics: inout [IdentifiedTopic<Request, Partition>], version: Int16) {
        guard version >= Request.firstVersionWithTopicIDs else { return }
        for place in topics.indices { topics[place].name = topic(id: topics[place].id)?.name ?? "" }
    }

    /// The settings of a topic, as clients see them.
    func settings(of topic: String) -> [LogConfigurationEntry]? {
        manager.configurationEntries(ofTopic: topic)
    }

    /// The settings that a topic of this specification has.
    func settings(of specification: TopicSpecification) throws(TopicRefusal) -> [LogConfigurationEntry] {
        do throws(LogError) {
            return try defaults.applying(specification.settings).entries(
                overrides: specification.settings,
                defaults: defaults
            )
        } catch {
            throw TopicRefusal(error)
        }
    }

    /// How many partitions a topic of this specification has.
    func partitionCount(of specification: TopicSpecification) -> Int32 {
        specification.partitionCount ?? partitionCount
    }

    /// What is wrong with a topic whatever others there are.
    private func check(_ specification: TopicSpecification) throws(TopicRefusal) {
        if let problem = specification.nameProblem { throw TopicRefusal(.invalidTopic, problem) }
        let count = partitionCount(of: specification)
        guard count >= 1, count <= limits.partitionsPerTopicMax else {
            throw TopicRefusal(
                .invalidPartitions,
                "a topic has 1 to \(limits.partitionsPerTopicMax) partitions, not \(count)"
            )
        }
        do throws(LogError) { try checkSettings(specification.settings) } catch { throw TopicRefusal(error) }
    }

    /// Whether a topic can have these settings, together.
    private func checkSettings(_ overrides: [String: String]) throws(LogError) {
        let settings = try defaults.applying(overrides)
        guard overrides["max.message.bytes"] == nil || settings.messageBytesMax <= limits.requestBytesMax else {
            throw LogError(
                .invalidConfiguration,
                "max.message.bytes is \(settings.messageBytesMax), and no request may have more than "
                    + "\(limits.requestBytesMax) bytes: raise ingestor.request-bytes-max first"
            )
        }
    }

    /// Makes topics; when this returns they exist also after a power cut.
    ///
    /// What groups had committed of earlier topics of these names is forgotten, also on the device, before the new ones exist:
    /// they would skip their first records. That the end of the earlier ones took care of it cannot be relied on, as a crash
    /// or a failing disk may have come between.
    ///
    /// - Parameter onlyChecks: Whether to make none, and only say which could be.
    /// - Returns: by name, the topic or why it is not made.
    func create(
        _ specifications: [TopicSpecification],
        onlyChecks: Bool = false
    ) -> [String: Result<TopicMetadata, TopicRefusal>] {
        var results: [String: Result<TopicMetadata, TopicRefusal>] = [:]
        var wanted: [NewTopic] = []
        for specification in specifications {
            do throws(TopicRefusal) {
                try check(specification)
                let count = partitionCount(of: specification)
                wanted.append(NewTopic(specification.name, partitions: count, overrides: specification.settings))
            } catch {
                results[specification.name] = .failure(error)
            }
        }
        defer { countChange() }
        let made = manager.createTopics(
            wanted,
            partitionsMax: limits.partitionsMax,
            onlyChecks: onlyChecks,
            now: manager.clock.now()
        ) { topics throws(LogError) in
            try forgetOffsets(of: Set(topics.map(\.name)))
        }
        return results.merging(made.mapValues { $0.mapError { TopicRefusal($0) } }) { refused, _ in refused }
    }

    /// Makes a topic; see ``create(_:onlyChecks:)``.
    func create(_ specification: TopicSpecification) throws(TopicRefusal) {
        for (_, result) in create([specification]) { _ = try result.get() }
    }

    /// Changes a topic's settings, durably, for all its partitions at once and without a restart.
    ///
    /// - Parameter change: Makes the new overrides from those that the topic has.
    /// - Throws: where the topic is as it was before.
    func alter(
        _ name: String,
        onlyChecks: Bool,
        _ change: (inout [String: String]) throws(LogError) -> Void
    ) throws(TopicRefusal) {
        try refuseInternal(name)
        do throws(LogError) {
            try manager.changeOverrides(of: name, onlyChecks: onlyChecks) { overrides throws(LogError) in
                try change(&overrides)
                try checkSettings(overrides)
            }
        } catch {
            throw error.code == .unknownTopic ? .unknown : TopicRefusal(error)
        }
    }

    /// Gives a topic more partitions: `count` then. When this returns they exist also after a power cut.
    ///
    /// - Throws: where the topic is as it was before.
    func addPartitions(to name: String, count: Int32, onlyChecks: Bool) throws(TopicRefusal) {
        guard let topic = topic(name) else { throw .unknown }
        try refuseInternal(name)
        guard count > topic.partitionCount, count <= limits.partitionsPerTopicMax else {
            throw TopicRefusal(
                .invalidPartitions,
                count > topic.partitionCount
                    ? "a topic has at most \(limits.partitionsPerTopicMax) partitions, not \(count)"
                    : "the topic has \(topic.partitionCount) partitions, so \(count) would be no increase"
            )
        }
        do throws(LogError) {
            try manager.checkLimit(adding: count - topic.partitionCount, partitionsMax: limits.partitionsMax)
            if onlyChecks { return }
            defer { countChange() }
            try manager.addPartitions(
                to: name,
                count: count,
                partitionsMax: limits.partitionsMax,
                now: manager.clock.now()
            )
        } catch {
            throw error.code == .unknownTopic ? .unknown : TopicRefusal(error)
        }
    }

    /// Deletes records, whatever their age; see `LogManager`.
    func deleteRecords(before offsets: [TopicPartition: Int64]) -> [TopicPartition: Result<Int64, LogError>] {
        manager.deleteRecords(before: offsets)
    }

    /// Whether a topic is the ingestor's own: clients can only read it. Its name tells, without a lookup for each produce:
    /// `OffsetStore/open(in:disk:)` lets no other topic have it.
    func isInternal(_ name: String) -> Bool { name == OffsetStore.topic }

    private func refuseInternal(_ name: String) throws(TopicRefusal) {
        if isInternal(name) { throw .internalTopic }
    }

    private func forgetOffsets(of topics: Set<String>) throws(LogError) {
        do throws(IngestorError) {
            try offsets.forget(topics: topics)
            try offsets.flush()
        } catch {
            throw LogError(.storageFailed, "offsets of earlier topics of the same names are not forgotten: \(error)")
        }
    }

    /// Deletes topics with their records and what groups had committed of them; fetches that wait for them are answered.
    ///
    /// - Returns: by name, what is left of a topic although it is gone, or why it is as it was before.
    func delete(_ names: Set<String>) -> [String: Result<DeletionRemains, TopicRefusal>] {
        defer { countChange() }
        var deleted: Set<String> = []
        var offsetsFailure: IngestorError?
        let own = names.filter(isInternal)
        let outcome = manager.deleteTopics(names.subtracting(own)) { gone in
            deleted = Set(gone)
            do throws(IngestorError) { try offsets.forget(topics: deleted) } catch { offsetsFailure = error }
        }
        var results: [String: Result<DeletionRemains, TopicRefusal>] = [:]
        for name in own { results[name] = .failure(.internalTopic) }
        for (name, result) in outcome {
            results[name] = Result { () throws(TopicRefusal) in
                var remains = DeletionRemains(offsets: offsetsFailure)
                do throws(LogError) { try result.get() } catch {
                    if error.code == .unknownTopic { throw .unknown }
                    guard deleted.contains(name) else { throw TopicRefusal(error) }
                    remains.files = error
                }
                return remains
            }
        }
        return results
    }
}

extension IdentifiedTopic {
    /// Whether it is named by an id that no topic has: see ``TopicCatalog/name(_:version:)``.
    var isUnknownID: Bool { name.isEmpty && id != .zero }
}

/// What is left of a topic that is deleted. None of it comes back: each part is removed at the latest where it would be in
/// the way.
struct DeletionRemains {
    /// Why some of its files are still there; the next start removes them.
    var files: LogError?
    /// Why groups still have offsets of it; they are forgotten before a topic gets the same name.
    var offsets: IngestorError?
}

/// Why a topic is not created, changed or deleted: Kafka's code, and a message. The message does not repeat the topic's
/// name, which the answer has beside it: a request can name 100,000 topics.
struct TopicRefusal: Error, CustomStringConvertible {
    private static let byteCountMax = 1_000
    static let unknown = TopicRefusal(.unknownTopicOrPartition, "the topic does not exist")
    static let internalTopic = TopicRefusal(
        .invalidTopic,
        "the topic is internal: the ingestor keeps offsets of groups in it"
    )

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
