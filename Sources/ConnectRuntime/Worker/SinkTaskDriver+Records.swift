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
        let earliest: Int64
        do throws(SinkTaskError) {
            earliest = try await self.earliest(of: batch, at: position)
        } catch {
            logger.warning("reading has to begin anew", metadata: [LogKeys.error: "\(error)"])
            let now = now
            await perform(decide { $0.positionUncertain(partition, error, now: now.monotonic) })
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
        await put(builder.finish())
    }

    /// The first offset that Kafka still has, asked for only where `batch` leaves offsets from `position` on out.
    ///
    /// librdkafka goes to the first offset there is where it is sent to one that Kafka does not have. It could stop there
    /// instead (`auto.offset.reset=error`), but no seek makes a partition go on that has stopped.
    ///
    /// - Throws: where the batch is from elsewhere, or nobody answers.
    private func earliest(of batch: ConsumedBatch, at position: Int64) async throws(SinkTaskError) -> Int64 {
        let partition = batch.topicPartition
        guard batch.firstOffset >= position else {
            throw SinkTaskError(
                .retriable,
                "offset \(position), the next to be read, is out of range: Kafka sent offset \(batch.firstOffset)",
                partitions: [partition]
            )
        }
        guard batch.nextOffset - position > batch.count else { return position }
        do throws(KafkaClientError) {
            return try await consumer.watermarks(of: partition).lowerBound
        } catch {
            throw SinkTaskError(
                .retriable,
                "it could not be found out which records from offset \(position) on Kafka still has",
                partitions: [partition],
                underlying: error
            )
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
            await perform(decide { $0.putFailed(records.partition, error, now: now.monotonic) })
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
