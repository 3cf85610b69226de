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
        guard let earliest = await earliest(of: batch, at: position) else {
            let now = now
            await perform(decide { $0.positionOutOfRange(partition, now: now) })
            return
        }
        var builder = SinkRecordsBuilder(partition: partition, firstOffset: position, recordCapacity: batch.count)
        builder.earliest = earliest
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

    /// The first offset that Kafka still has, asked for only where `batch` leaves offsets from `position` on out; `nil`
    /// where the batch is from elsewhere, or nobody answers.
    ///
    /// librdkafka goes to the first offset there is where it is sent to one that Kafka does not have. It could stop there
    /// instead (`auto.offset.reset=error`), but no seek makes a partition go on that has stopped.
    private func earliest(of batch: ConsumedBatch, at position: Int64) async -> Int64? {
        guard batch.firstOffset >= position else { return nil }
        guard batch.nextOffset - position > batch.count else { return position }
        do throws(KafkaClientError) {
            return try await consumer.watermarks(of: batch.topicPartition).lowerBound
        } catch {
            logger.warning("it is not known which records are gone", metadata: [LogKeys.error: "\(error)"])
            return nil
        }
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
        let highWatermark = consumer.highWatermark(of: records.partition)
        decide { $0.put(records, highWatermark: highWatermark) }
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
        if !hasQueue, configuration.asksAboutTopics {
            hasQueue = await topics.makeQueue(deadLetters.settings)
        }
        do throws(KafkaClientError) {
            try await deadLetters.write(letters)
            // It may be there though this worker may not make it.
            hasQueue = true
        } catch {
            // Whatever became of the topic, the next try makes it again.
            if error.code == .unknownTopic { hasQueue = false }
            throw SinkTaskError(
                deadLetters.code(of: error),
                "records could not be set aside in '\(deadLetters.settings.topic)'",
                partitions: [first.partition],
                underlying: error
            )
        }
    }
}
