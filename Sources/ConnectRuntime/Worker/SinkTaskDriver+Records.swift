import ConnectAPI
import KafkaClient
import KafkaTopics
import Logging

// Batches on their way from the consumer to the task.
extension SinkTaskDriver {
    func take(_ batch: ConsumedBatch) async {
        let partition = batch.topicPartition
        guard let position = decide({ $0.position(of: partition) }) else {
            // It waits for another try; its records are read again then.
            await perform([.pause([partition])])
            return
        }
        var builder = SinkRecordsBuilder(partition: partition, firstOffset: position, recordCapacity: batch.count)
        batch.forEachRecord { record in
            builder.append(
                offset: record.offset,
                timestamp: record.timestamp.map(Timestamp.init(milliseconds:)) ?? .unknown,
                key: record.key,
                value: record.value,
                headers: record.headers().map { RecordHeader(name: $0.name, value: $0.value) }
            )
        }
        guard builder.next > position else { return }
        await put(builder.finish())
    }

    func put(_ received: SinkRecords) async {
        var records = received
        do throws(SinkTaskError) {
            let letters = try pipeline.process(&records)
            try await setAside(letters)
            try await task.put(records, now: now)
        } catch {
            report(error)
            let now = now
            await perform(decide { $0.putFailed(records.partition, error, now: now) })
            return
        }
        let now = now
        decide { $0.put(records, highWatermark: nil, now: now) }
    }

    func setAside(_ letters: [DeadLetter]) async throws(SinkTaskError) {
        guard let first = letters.first, let deadLetters else { return }
        if configuration.settings.logsErrors {
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
        if !hasMadeQueue, configuration.asksAboutTopics {
            await topics.makeQueue(deadLetters.settings)
            hasMadeQueue = true
        }
        do throws(KafkaClientError) {
            try await deadLetters.write(letters)
        } catch {
            throw SinkTaskError(
                .retriable,
                "records could not be set aside in '\(deadLetters.settings.topic)'",
                partitions: [first.partition],
                underlying: error
            )
        }
    }
}
