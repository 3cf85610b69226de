import ConnectAPI
import Glibc
import KafkaClient
package import Logging
import ServiceLifecycle
import Synchronization

/// Runs one task of a sink connector on a Kafka consumer in the group `connect-<connector>`.
///
/// One loop does everything in turn: it waits for the consumer's next event or the next deadline, converts and
/// transforms what came, sets bad records aside, hands the batch to the task, and commits what the task says is
/// durable. `SinkTaskStateMachine` decides what it does with partitions. Memory is bounded: one batch is processed at a
/// time, the consumer fetches ahead as far as its configuration allows, and a slow task only slows the loop.
///
/// On graceful shutdown the partitions are handed over: the task files what it holds, its offsets are committed, and
/// the group learns that this member has left.
package final class SinkTaskRunner: Service {
    private let configuration: SinkTaskRunnerConfiguration
    private let logger: Logger
    let machine: Mutex<SinkTaskStateMachine>
    /// What the cluster last said about topics, until the driver takes it.
    private let facts = Mutex<[String: TopicFacts]>([:])

    package init(_ configuration: SinkTaskRunnerConfiguration, logger: Logger) {
        var logger = logger
        logger[metadataKey: LogKeys.connector] = "\(configuration.settings.name)"
        logger[metadataKey: LogKeys.task] = "\(configuration.task)"
        self.configuration = configuration
        self.logger = logger
        machine = Mutex(SinkTaskStateMachine(retry: configuration.settings.retry))
    }

    /// The task's status now.
    package var status: SinkTaskStatus {
        let now = configuration.now()
        return machine.withLock { $0.status(now: now.monotonic) }
    }

    /// Runs the task until graceful shutdown or cancellation; once.
    ///
    /// - Throws: `SinkTaskRunnerFailure` when the task cannot begin or a client cannot continue. The status says so as well.
    package func run() async throws {
        do {
            try await work()
        } catch is CancellationError {
            _ = machine.withLock { $0.stopRequested() }
            throw CancellationError()
        } catch {
            // Not logged here: the supervisor logs it with what it does next.
            let reason = "\(error)"
            _ = machine.withLock { $0.failed(reason: reason) }
            throw SinkTaskRunnerFailure(
                connector: configuration.settings.name,
                task: configuration.task,
                reason: reason
            )
        }
    }

    private func work() async throws {
        for setting in configuration.values.ignored where configuration.task == 0 {
            logger.info(
                "a setting is ignored",
                metadata: [LogKeys.setting: "\(setting.key)", LogKeys.reason: "\(setting.message)"]
            )
        }
        guard configuration.asksAboutTopics else {
            try await work(asking: nil)
            return
        }
        try await withAdmin(client(overridden: [:]), logger: logger) { admin in
            try await self.work(asking: TopicSettings(admin: admin, logger: self.logger))
        }
    }

    /// - Parameter topics: `nil` where the cluster does not permit questions about topics.
    private func work(asking topics: TopicSettings?) async throws {
        guard let queue = configuration.settings.deadLetterQueue else {
            try await runTask(topics, deadLetters: nil)
            return
        }
        try await withProducer(producerConfiguration, logger: logger) { producer in
            let letters = DeadLetterQueue(
                queue,
                producer: producer,
                identity: (self.configuration.settings.name, self.configuration.task),
                written: self.configuration.letters,
                topics: topics,
                logsLetters: self.configuration.settings.logsErrors,
                logger: self.logger
            )
            try await self.runTask(topics, deadLetters: letters)
        }
    }

    private func runTask(_ topics: TopicSettings?, deadLetters: DeadLetterQueue?) async throws {
        let now = configuration.now
        let identity = SinkTaskIdentity(
            connector: configuration.settings.name,
            writer: WriterName.make(task: configuration.task)
        )
        let taskTopics = TaskTopics(topics)
        let task = try configuration.connector.makeTask(
            identity,
            context: taskTopics,
            values: configuration.values
        )
        let pipeline: RecordPipeline
        do throws(ConfigurationError) {
            pipeline = try configuration.makePipeline()
        } catch {
            throw SinkTaskError(.permanent, error.description)
        }
        try await task.start(now: now())
        let outcome: Result<Void, any Error>
        do {
            try await consume(with: task, pipeline, taskTopics, watching: topics, deadLetters)
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        await task.stop()
        try outcome.get()
    }

    private func consume(
        with task: any SinkTask,
        _ pipeline: RecordPipeline,
        _ taskTopics: TaskTopics,
        watching topics: TopicSettings?,
        _ deadLetters: DeadLetterQueue?
    ) async throws {
        try await withConsumer(consumerConfiguration, logger: logger) { consumer in
            let driver = SinkTaskDriver(
                consumer: consumer,
                task: task,
                pipeline: pipeline,
                deadLetters: deadLetters,
                runner: self,
                configuration: configuration,
                topics: taskTopics,
                logger: logger
            )
            try await consumer.subscribe(configuration.settings.topics)
            try await withThrowingTaskGroup(of: Void.self) { group in
                if let topics { group.addTask { await self.watch(topics, consumer) } }
                defer { group.cancelAll() }
                try await driver.run()
            }
        }
    }

    /// Asks about topics at intervals, beside the work.
    private func watch(_ topics: TopicSettings, _ consumer: KafkaConsumer) async {
        await topics.watch(Set(configuration.settings.topics), every: configuration.asksAboutTopicsEvery) { found in
            facts.withLock { $0 = found }
            consumer.interrupt()
        }
    }

    /// What the cluster said about topics since the last call.
    func takeFacts() -> [String: TopicFacts] {
        facts.withLock { facts in
            defer { facts = [:] }
            return facts
        }
    }

    private var consumerConfiguration: ConsumerConfiguration {
        ConsumerConfiguration(
            client: client(overridden: configuration.settings.consumerOverrides),
            group: configuration.settings.group
        )
    }

    private var producerConfiguration: ProducerConfiguration {
        let room = ["message.max.bytes": "\(DeadLetterQueue.recordBytesMax)"]
        return ProducerConfiguration(
            client: client(defaults: room, overridden: configuration.settings.producerOverrides)
        )
    }

    private func client(
        defaults: [String: String] = [:],
        overridden overrides: [String: String]
    ) -> ClientConfiguration {
        ClientConfiguration(
            bootstrap: configuration.bootstrap,
            properties: defaults.merging(configuration.properties) { _, theirs in theirs }
                .merging(overrides) { _, override in override },
            whenUnreachable: .keepTrying,
            clientID: clientID
        )
    }

    private var clientID: String { "connector-\(configuration.settings.name)-\(configuration.task)" }
}

/// Why a runner ended by itself: something that an operator has to fix. Its status says the same.
package struct SinkTaskRunnerFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package let connector: String
    package let task: Int
    /// What happened, where, why, and what to do next.
    package let reason: String

    package var description: String { "task \(task) of connector '\(connector)' failed: \(reason)" }
}

/// Unique names of writers.
private enum WriterName {
    /// A new name: process and task to read, random digits so that no other process on any machine has it.
    static func make(task: Int) -> String {
        var random = SystemRandomNumberGenerator()
        let digits = String(random.next(), radix: 16)
        return "\(getpid())-\(String(repeating: "0", count: 16 - digits.count))\(digits)/\(task)"
    }
}

/// The names under which this module's log lines carry values.
enum LogKeys {
    static let connector = "connect.connector"
    static let task = "connect.task"
    static let error = "connect.error"
    static let partition = "connect.partition"
    static let partitions = "connect.partitions"
    static let offset = "connect.offset"
    static let stage = "connect.stage"
    static let setting = "connect.setting"
    static let topic = "connect.topic"
    static let records = "connect.records"
    static let reason = "connect.reason"
}
