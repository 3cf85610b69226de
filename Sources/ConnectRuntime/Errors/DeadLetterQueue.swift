import ConnectAPI
import KafkaClient
import KafkaTopics
import Logging
import Synchronization

/// The dead letter queue of one task: writes records that were set aside, and returns when all of them are acknowledged.
/// Only then may their batch go to the sink, and its offsets become durable.
///
/// After a crash in between a record may be in the queue twice; its headers say where it comes from.
final class DeadLetterQueue {
    /// How many records are in flight at once.
    static let recordsInFlightMax = 512

    /// The largest request with a record, in bytes: librdkafka's default limit is below what topics take, and a letter
    /// is larger than its record by the headers. The embedded ingestor takes requests of 16 MiB.
    static let recordBytesMax = 15 << 20

    private let producer: KafkaProducer
    private let settings: DeadLetterQueueSettings
    private let identity: (connector: String, task: Int)
    private let written: WrittenLetters
    /// Makes the queue's topic; `nil` where the cluster does not allow that.
    private let topics: TopicSettings?
    /// Whether each letter is logged, and not only the first for each cause.
    private let logsLetters: Bool
    private let logger: Logger
    /// Whether the topic exists, as far as is known.
    private var hasTopic = false

    init(
        _ settings: DeadLetterQueueSettings,
        producer: KafkaProducer,
        identity: (connector: String, task: Int),
        written: WrittenLetters,
        topics: TopicSettings?,
        logsLetters: Bool,
        logger: Logger
    ) {
        self.settings = settings
        self.producer = producer
        self.identity = identity
        self.written = written
        self.topics = topics
        self.logsLetters = logsLetters
        self.logger = logger
    }

    /// Writes those of `letters`, all of one partition, that this process has not written yet.
    ///
    /// - Parameter isNew: counts letters for a cause, and says whether they are the first for it.
    func setAside(
        _ letters: [DeadLetter],
        isNew: (_ count: Int64, _ cause: String) -> Bool
    ) async throws(SinkTaskError) {
        // The letters of a batch that is tried again are in the queue already.
        let letters = written.missing(of: letters)
        guard let partition = letters.first?.partition else { return }
        log(letters, isNew)
        if !hasTopic, let topics {
            hasTopic = await topics.makeQueue(settings)
        }
        do throws(KafkaClientError) {
            try await write(letters)
            // The topic exists even if this task may not make it.
            hasTopic = true
        } catch {
            // The next try makes the topic again.
            if error.code == .unknownTopic { hasTopic = false }
            throw SinkTaskError(
                Self.code(of: error),
                "records could not be set aside in '\(settings.topic)'",
                partitions: [partition],
                underlying: error
            )
        }
    }

    /// Logs the first letters for each cause, and each letter where that is configured.
    private func log(_ letters: [DeadLetter], _ isNew: (_ count: Int64, _ cause: String) -> Bool) {
        for (cause, same) in Dictionary(grouping: letters, by: \.message).sorted(by: { $0.key < $1.key }) {
            guard let first = same.first else { continue }
            if isNew(Int64(same.count), cause) {
                logger.warning(
                    "records are set aside in the dead letter queue; more for the same reason are only counted",
                    metadata: [
                        LogKeys.partition: "\(first.partition)",
                        LogKeys.offset: "\(first.offset)",
                        LogKeys.reason: "\(cause)",
                        LogKeys.records: "\(same.count)",
                    ]
                )
            }
        }
        guard logsLetters else { return }
        for letter in letters {
            logger.warning(
                "a record is set aside",
                metadata: [
                    LogKeys.partition: "\(letter.partition)",
                    LogKeys.offset: "\(letter.offset)",
                    LogKeys.stage: "\(letter.stage.rawValue)",
                    LogKeys.reason: "\(letter.message)",
                ]
            )
        }
    }

    /// Writes `letters` of one partition, whose offsets rise.
    ///
    /// - Throws: the first error of a record that was not acknowledged.
    private func write(_ letters: [DeadLetter]) async throws(KafkaClientError) {
        var rest = letters[...]
        while !rest.isEmpty {
            try await writeAtOnce(rest.prefix(Self.recordsInFlightMax))
            rest = rest.dropFirst(Self.recordsInFlightMax)
        }
    }

    /// Whether it helps to try again after `error`, which `write` threw.
    private static func code(of error: KafkaClientError) -> SinkTaskError.Code {
        switch error.code {
        // The topic may not exist yet, or is made again.
        case .unknownTopic: .retriable
        // The runner is stopped; nothing is wrong with the record.
        case .cancelled, .closed: .retriable
        default: error.isRetriable ? .retriable : .permanent
        }
    }

    private func writeAtOnce(_ letters: ArraySlice<DeadLetter>) async throws(KafkaClientError) {
        let producer = producer
        let (done, failure) = await withTaskGroup(of: (DeadLetter, KafkaClientError?).self) { group in
            for letter in letters {
                let record = record(letter)
                group.addTask {
                    do throws(KafkaClientError) {
                        _ = try await producer.send(record)
                        return (letter, nil)
                    } catch {
                        return (letter, error)
                    }
                }
            }
            var done: [DeadLetter] = []
            var first: KafkaClientError?
            for await (letter, error) in group {
                if let error { first = first ?? error } else { done.append(letter) }
            }
            return (done, first)
        }
        if let failure {
            written.wrote(some: done)
            throw failure
        }
        written.wrote(all: letters)
    }

    private func record(_ letter: DeadLetter) -> KafkaRecord {
        let headers =
            settings.hasContextHeaders
            ? letter.headers(connector: identity.connector, task: identity.task) : letter.headers
        return KafkaRecord(
            topic: settings.topic,
            key: letter.key,
            value: letter.value,
            headers: headers,
            timestamp: letter.timestamp == .unknown ? nil : letter.timestamp.milliseconds
        )
    }
}

/// Which dead letters this process has written, so that a batch that is tried again does not write its letters again.
///
/// Shared by all runners of a connector in this process. After a crash letters may be written again; their headers tell.
package final class WrittenLetters: Sendable {
    /// The greatest number of offsets that are remembered one by one: those of one request to the queue.
    static let offsetsMax = DeadLetterQueue.recordsInFlightMax

    private struct Partition {
        /// All letters below this offset are written.
        var next: Int64 = .min
        /// Letters above it that are written as well.
        var beyond: Set<Int64> = []
    }

    private let partitions = Mutex<[TopicPartition: Partition]>([:])

    package init() {}

    /// Those of `letters`, in the order of their offsets, that are not written yet.
    func missing(of letters: [DeadLetter]) -> [DeadLetter] {
        partitions.withLock { partitions in
            letters.filter { letter in
                guard let written = partitions[letter.partition] else { return true }
                return letter.offset >= written.next && !written.beyond.contains(letter.offset)
            }
        }.sorted { $0.offset < $1.offset }
    }

    /// All of `letters`, which rise, are written, and so are those before them.
    func wrote(all letters: some Collection<DeadLetter>) {
        guard let last = letters.reversed().first else { return }
        partitions.withLock { $0[last.partition] = Partition(next: last.offset + 1) }
    }

    /// Some of the letters of one request are written.
    func wrote(some letters: [DeadLetter]) {
        partitions.withLock { partitions in
            for letter in letters.prefix(Self.offsetsMax) {
                partitions[letter.partition, default: Partition()].beyond.insert(letter.offset)
            }
        }
    }

    /// The partition has another log: its offsets mean other records.
    func forget(_ partition: TopicPartition) {
        partitions.withLock { $0[partition] = nil }
    }
}
