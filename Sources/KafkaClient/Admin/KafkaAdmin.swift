import CRdKafka
package import KafkaTopics
package import Logging
import Synchronization

/// Creates, deletes and describes the topics of a Kafka cluster.
///
/// Made by `withAdmin`. Calls may be made from any task.
package final class KafkaAdmin: Sendable {
    let handle: ClientHandle
    private let events: Mutex<ClientEvents>
    private let logger: Logger

    init(_ configuration: ClientConfiguration, logger: Logger) throws(KafkaClientError) {
        self.logger = logger
        events = Mutex(ClientEvents(configuration: configuration, logger: logger))
        handle = try ClientHandle(
            type: RD_KAFKA_PRODUCER,
            properties: try ClientProperties(configuration, defaults: [:], fixed: [:]),
            events: 0,
            configuration: configuration,
            doing: "make a Kafka admin client"
        )
    }

    // MARK: Topics

    /// Creates topics, and returns when the cluster has them.
    ///
    /// - Returns: why not, for those that were not created; the others were.
    /// - Throws: what concerns them all, for example `brokersUnreachable`.
    package func createTopics(_ topics: [NewTopic]) async throws(KafkaClientError) -> [String: KafkaClientError] {
        var failures: [String: KafkaClientError] = [:]
        for topic in topics {
            if let problem = TopicName.problem(with: topic.name) {
                failures[topic.name] = KafkaClientError(
                    .badRequest,
                    "cannot create the topic '\(topic.name)': \(problem)"
                )
            }
        }
        let names = topics.filter { failures[$0.name] == nil }
        guard !names.isEmpty else { return failures }
        let refused = try await handle.questions.run("create topics") {
            [handle] () throws(KafkaClientError) -> [String: KafkaClientError] in
            try AdminRequest(handle).createTopics(names)
        }
        return failures.merging(refused) { first, _ in first }
    }

    /// Creates one topic, and returns when the cluster has it.
    package func createTopic(_ topic: NewTopic) async throws(KafkaClientError) {
        if let failure = try await createTopics([topic])[topic.name] { throw failure }
    }

    /// Deletes topics with all that is in them.
    ///
    /// - Returns: why not, for those that were not deleted; the others are gone.
    package func deleteTopics(_ names: [String]) async throws(KafkaClientError) -> [String: KafkaClientError] {
        guard !names.isEmpty else { return [:] }
        return try await handle.questions.run("delete topics") {
            [handle] () throws(KafkaClientError) -> [String: KafkaClientError] in
            try AdminRequest(handle).deleteTopics(names)
        }
    }

    /// All topics of the cluster, in order of their names.
    package func topics() async throws(KafkaClientError) -> [TopicDescription] {
        try await handle.questions.run("list the topics") {
            [handle] () throws(KafkaClientError) -> [TopicDescription] in
            try AdminRequest(handle).topics()
        }
    }

    /// One topic. Asking never creates it.
    ///
    /// - Throws: `unknownTopic`.
    package func describeTopic(_ name: String) async throws(KafkaClientError) -> TopicDescription {
        // The whole list: a metadata request for one name would create the topic where auto.create.topics.enable is on.
        if let topic = try await topics().first(where: { $0.name == name }) { return topic }
        throw KafkaClientError(
            RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART,
            doing: "describe the topic '\(name)'",
            with: handle
        )
    }

    /// The settings of a topic, in order of their names.
    package func describeConfigs(ofTopic name: String) async throws(KafkaClientError) -> [TopicConfig] {
        try await describeConfigs(ofTopics: [name])[name]?.get() ?? []
    }

    /// The settings of each of `names`, in order of their names, or why the broker does not tell them; one request.
    ///
    /// - Throws: where the cluster cannot be asked now, for example `brokersUnreachable`.
    package func describeConfigs(
        ofTopics names: Set<String>
    ) async throws(KafkaClientError) -> [String: Result<[TopicConfig], KafkaClientError>] {
        guard !names.isEmpty else { return [:] }
        let answers: [String: Result<[TopicConfig], KafkaClientError>]
        do throws(KafkaClientError) {
            answers = try await handle.questions.run("read the settings of topics") {
                [handle] () throws(KafkaClientError) -> [String: Result<[TopicConfig], KafkaClientError>] in
                try AdminRequest(handle).configs(ofTopics: names)
            }
        } catch  where error.isRefusal {
            // For example a broker that does not know such questions.
            return Dictionary(uniqueKeysWithValues: names.map { ($0, .failure(error)) })
        }
        for answer in answers.values {
            if case .failure(let error) = answer, !error.isRefusal { throw error }
        }
        return answers
    }

    // MARK: Offsets

    /// The offset of each partition that `query` asks for.
    package func offsets(
        of partitions: some Collection<TopicPartition> & Sendable,
        _ query: OffsetQuery
    ) async throws(KafkaClientError) -> [TopicPartition: Int64] {
        guard !partitions.isEmpty else { return [:] }
        return try await handle.questions.run("read offsets") {
            [handle] () throws(KafkaClientError) -> [TopicPartition: Int64] in
            try handle.offsets(of: partitions, query)
        }
    }

    /// The offsets that a consumer group has committed; partitions without one are missing.
    package func committedOffsets(
        ofGroup group: String,
        _ partitions: some Collection<TopicPartition> & Sendable
    ) async throws(KafkaClientError) -> [TopicPartition: Int64] {
        guard !partitions.isEmpty else { return [:] }
        return try await handle.questions.run("read the offsets of the group '\(group)'") {
            [handle] () throws(KafkaClientError) -> [TopicPartition: Int64] in
            try AdminRequest(handle).committedOffsets(ofGroup: group, partitions)
        }
    }

    /// An advice whose commands name this cluster.
    func advice(_ text: String) -> String { KafkaClientError.advice(text, at: handle.bootstrap) }

    // MARK: Life

    /// Takes log lines and errors until its task is cancelled; a cluster that cannot be reached fails all calls at once.
    func run() async {
        while !Task.isCancelled {
            while let event = rd_kafka_queue_poll(handle.events, 0) {
                take(event)
                rd_kafka_event_destroy(event)
            }
            if let error = events.withLock({ $0.givesUp(handle, now: .now) }) {
                handle.questions.failAll(error)
            }
            await withTaskCancellationHandler {
                await handle.wakeUp.wait()
            } onCancel: {
                handle.wakeUp.signal()
            }
        }
    }

    private func take(_ event: OpaquePointer) {
        switch rd_kafka_event_type(event) {
        case RD_KAFKA_EVENT_LOG: events.withLock { $0 }.log(event)
        case RD_KAFKA_EVENT_ERROR:
            let outcome = events.withLock { events in
                events.outcome(ofError: event, of: handle, doing: "ask the cluster", now: .now)
            }
            switch outcome {
            case .recovers(let error):
                logger.debug("the admin client continues after an error", metadata: [LogKeys.error: "\(error)"])
            case .suspects: handle.wake(after: Limits.unreachableGrace)
            case .ends(let error): handle.questions.failAll(error)
            }
        default: break
        }
    }
}

/// Runs `body` with an admin client.
///
/// - Throws: what `body` throws, or `badConfiguration`.
package func withAdmin<Result: Sendable>(
    _ configuration: ClientConfiguration,
    logger: Logger,
    _ body: (KafkaAdmin) async throws -> Result
) async throws -> Result {
    let admin = try KafkaAdmin(configuration, logger: logger)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await admin.run() }
        defer { group.cancelAll() }
        return try await body(admin)
    }
}

/// A topic to create.
package struct NewTopic: Hashable, Sendable {
    package var name: String
    package var partitions: Int32
    /// How many brokers keep each partition; `nil`: as many as the cluster makes by default.
    package var replicationFactor: Int32?
    /// Kafka's configuration of topics, for example `retention.ms`.
    package var configs: [String: String]

    package init(
        name: String,
        partitions: Int32,
        replicationFactor: Int32? = nil,
        configs: [String: String] = [:]
    ) {
        self.name = name
        self.partitions = partitions
        self.replicationFactor = replicationFactor
        self.configs = configs
    }
}

/// Which offset of a partition is asked for.
package enum OffsetQuery: Hashable, Sendable {
    /// That of the oldest record there is.
    case earliest
    /// The one that the next record will get.
    case latest
    /// That of the first record of this time or later (milliseconds since 1970); the latest where there is none.
    case time(Int64)

    /// As the time of Kafka's ListOffsets request, which has special ones for the two ends.
    var timestamp: Int64 {
        switch self {
        case .earliest: Int64(RD_KAFKA_OFFSET_BEGINNING)
        case .latest: Int64(RD_KAFKA_OFFSET_END)
        case .time(let milliseconds): max(0, milliseconds)
        }
    }
}
