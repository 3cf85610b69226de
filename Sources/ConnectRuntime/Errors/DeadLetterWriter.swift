import ConnectAPI
import KafkaClient
import KafkaTopics

/// Writes records that were set aside to the dead letter queue, and returns when all of them are acknowledged: only
/// then may the batch they came from go to the sink, and so its offsets become durable.
///
/// After a crash in between, a record may be in the queue twice; its headers tell where it comes from.
struct DeadLetterWriter: Sendable {
    /// How many records are on their way at once.
    static let recordsInFlightMax = 512

    /// The greatest request with a record, in bytes: librdkafka's own limit is less than what topics take, and a letter
    /// is greater than the record it is made of by its headers. The embedded ingestor takes requests of 16 MiB.
    static let recordBytesMax = 15 << 20

    let producer: KafkaProducer
    let settings: DeadLetterQueueSettings
    let connector: String
    let task: Int
    let written: WrittenLetters

    /// Writes `letters` of one partition, whose offsets rise.
    ///
    /// - Throws: the first error of a record that was not acknowledged.
    func write(_ letters: [DeadLetter]) async throws(KafkaClientError) {
        var rest = letters[...]
        while !rest.isEmpty {
            try await writeAtOnce(rest.prefix(Self.recordsInFlightMax))
            rest = rest.dropFirst(Self.recordsInFlightMax)
        }
    }

    /// Whether time helps against `error`, which `write` threw.
    func code(of error: KafkaClientError) -> SinkTaskError.Code {
        switch error.code {
        // The topic may not be made yet, or is made again.
        case .unknownTopic: .retriable
        // It is the runner that is stopped: nothing is wrong with the record.
        case .cancelled, .closed: .retriable
        default: error.isRetriable ? .retriable : .permanent
        }
    }

    private func writeAtOnce(_ letters: ArraySlice<DeadLetter>) async throws(KafkaClientError) {
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
            settings.hasContextHeaders ? letter.headers(connector: connector, task: task) : letter.headers
        return KafkaRecord(
            topic: settings.topic,
            key: letter.key,
            value: letter.value,
            headers: headers,
            timestamp: letter.timestamp == .unknown ? nil : letter.timestamp.milliseconds
        )
    }
}
