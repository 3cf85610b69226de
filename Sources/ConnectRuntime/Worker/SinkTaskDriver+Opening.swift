import ConnectAPI
import KafkaClient
import KafkaTopics
import Logging

// Partitions are taken over, and reading begins.
extension SinkTaskDriver {
    func open(_ partitions: [TopicPartition]) async {
        await learnRetentions(of: Set(partitions.map(\.topic)))
        let opened = partitions.map { SinkPartition($0, retentionMilliseconds: retentions[$0.topic] ?? nil) }
        do throws(SinkTaskError) {
            let wishes = try await task.open(opened, now: now)
            let starts = try await starts(of: partitions, wishes)
            logger.info("partitions are taken over", metadata: [LogKeys.partitions: "\(partitions)"])
            await perform(decide { $0.opened(starts) })
        } catch {
            report(error)
            let now = now
            await perform(decide { $0.openFailed(partitions, error, now: now.monotonic) })
        }
    }

    func learnRetentions(of names: Set<String>) async {
        let unknown = names.filter { retentions[$0] == nil }
        guard !unknown.isEmpty, configuration.asksAboutTopics else { return }
        let found = await topics.retentions(of: unknown)
        for topic in unknown { retentions.updateValue(found[topic], forKey: topic) }
    }

    /// Where partitions begin: the sink's word, then the group's, then `auto.offset.reset`.
    func starts(
        of partitions: [TopicPartition],
        _ wishes: [TopicPartition: SinkStart]
    ) async throws(SinkTaskError) -> [TopicPartition: PartitionStart] {
        let questions: [TopicPartition: PartitionStart.Question]
        do throws(KafkaClientError) {
            questions = try await self.questions(about: partitions, wishes)
        } catch {
            throw SinkTaskError(
                .retriable,
                "the place to begin could not be found out",
                partitions: partitions,
                underlying: error
            )
        }
        var starts: [TopicPartition: PartitionStart] = [:]
        for (partition, question) in questions {
            do throws(PartitionStart.Problem) {
                starts[partition] = try PartitionStart(question)
            } catch {
                throw SinkTaskError(.permanent, error.message, partitions: [partition])
            }
        }
        return starts
    }

    private func questions(
        about partitions: [TopicPartition],
        _ wishes: [TopicPartition: SinkStart]
    ) async throws(KafkaClientError) -> [TopicPartition: PartitionStart.Question] {
        let group = try await consumer.committed(partitions.filter { wishes[$0]?.next == nil })
        var questions: [TopicPartition: PartitionStart.Question] = [:]
        for partition in partitions {
            let kept = try await consumer.watermarks(of: partition)
            questions[partition] = PartitionStart.Question(
                sink: wishes[partition]?.next,
                group: group[partition],
                reset: configuration.settings.reset,
                earliest: kept.lowerBound,
                latest: kept.upperBound
            )
        }
        return questions
    }

    func reportLoss(_ partition: TopicPartition, _ offsets: Range<Int64>) async {
        // The sink logs it once the loss is durable: each takeover until then finds it anew.
        var builder = SinkRecordsBuilder(partition: partition, firstOffset: offsets.lowerBound)
        builder.skip(to: offsets.upperBound, .lost)
        await put(builder.finish())
    }

    func resume(_ offsets: [TopicPartition: Int64]) async {
        for (partition, offset) in offsets {
            // What was done for the partition before may have failed and changed its phase.
            guard decide({ $0.position(of: partition) }) != nil else { continue }
            do throws(KafkaClientError) {
                if assigning.contains(partition) {
                    try consumer.start(partition, at: .offset(offset))
                } else {
                    try await consumer.seek(partition, to: .offset(offset))
                    try consumer.resume([partition])
                }
            } catch {
                await failed(
                    SinkTaskError(
                        .retriable,
                        "reading could not begin at offset \(offset)",
                        partitions: [partition],
                        underlying: error
                    )
                )
            }
        }
    }
}
