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
        guard await isSameLog(batch) else { return }
        let repeated = batch.count(whileOffset: { $0 < position })
        if repeated == batch.count, readsBehind.contains(partition) {
            // It was read only to recognise the log.
            return
        }
        let earliest: Int64
        do throws(SinkTaskError) {
            guard repeated == 0 || readsBehind.contains(partition) else { throw outOfRange(batch, position) }
            readsBehind.remove(partition)
            earliest = try await self.earliest(of: batch, without: repeated, at: position)
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
                timestamp: record.timestamp,
                key: record.key,
                value: record.value,
                headers: record.headers()
            )
        }
        await put(builder.finish())
    }

    /// Whether the first batch since a takeover has the record that the sink knows: no record of another log reaches the
    /// task. A log that has no record at this offset any more (retention, compaction) proves nothing.
    private func isSameLog(_ batch: ConsumedBatch) async -> Bool {
        let partition = batch.topicPartition
        guard let known = decide({ $0.takeExpected(of: partition) }) else { return true }
        let found = batch.withRecord(at: 0) { record in
            RecordFingerprint(
                offset: record.offset,
                timestamp: record.timestamp,
                key: record.key,
                value: record.value
            )
        }
        guard found.offset >= known.offset else {
            // librdkafka went to the beginning: there is no such offset.
            let error = outOfRange(batch, known.offset)
            let now = now
            await perform(decide { $0.positionUncertain(partition, error, now: now.monotonic) })
            return false
        }
        guard found.offset == known.offset, found != known else { return true }
        configuration.letters.forget(partition)
        let mismatch = LogMismatch.record(known: known, found: found)
        await failed(SinkTaskError(.permanent, mismatch.message(of: partition), partitions: [partition]))
        return false
    }

    /// The first offset that Kafka still has, asked for only where `batch` leaves offsets from `position` on out.
    ///
    /// librdkafka goes to the first offset there is where it is sent to one that Kafka does not have. It could stop there
    /// instead (`auto.offset.reset=error`), but no seek makes a partition go on that has stopped.
    ///
    /// - Throws: where nobody answers.
    private func earliest(
        of batch: ConsumedBatch,
        without repeated: Int,
        at position: Int64
    ) async throws(SinkTaskError) -> Int64 {
        let partition = batch.topicPartition
        guard batch.nextOffset - position > batch.count - repeated else { return position }
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

    private func outOfRange(_ batch: ConsumedBatch, _ offset: Int64) -> SinkTaskError {
        SinkTaskError(
            .retriable,
            "offset \(offset), the next to be read, is out of range: Kafka sent offset \(batch.firstOffset)",
            partitions: [batch.topicPartition]
        )
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

    func setAside(_ all: [DeadLetter]) async throws(SinkTaskError) {
        guard let partition = all.first?.partition, let deadLetters else { return }
        // A batch that is tried again has its letters in the queue already.
        let letters = configuration.letters.missing(of: all)
        guard !letters.isEmpty else { return }
        log(letters)
        if !hasQueue, configuration.asksAboutTopics {
            hasQueue = await topics.makeQueue(deadLetters.settings)
        }
        do throws(KafkaClientError) {
            try await deadLetters.write(letters)
            // It may be there though this runner may not make it.
            hasQueue = true
        } catch {
            // Whatever became of the topic, the next try makes it again.
            if error.code == .unknownTopic { hasQueue = false }
            throw SinkTaskError(
                deadLetters.code(of: error),
                "records could not be set aside in '\(deadLetters.settings.topic)'",
                partitions: [partition],
                underlying: error
            )
        }
    }

    /// Says once for each cause that records are set aside; for each record where that is wanted.
    private func log(_ letters: [DeadLetter]) {
        for (cause, same) in Dictionary(grouping: letters, by: \.message).sorted(by: { $0.key < $1.key }) {
            guard let first = same.first else { continue }
            if decide({ $0.setAside(Int64(same.count), because: cause) }) {
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
        guard configuration.settings.logsErrors else { return }
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
}
