import ConnectAPI
import KafkaClient
import KafkaTopics
import Logging

// Partitions are taken over, and reading begins.
extension SinkTaskDriver {
    func open(_ partitions: [TopicPartition]) async {
        await learn(Set(partitions.map(\.topic)))
        let opened = partitions.map { partition in
            let facts = known[partition.topic]
            return SinkPartition(
                partition,
                retentionMilliseconds: facts?.retentionMilliseconds,
                topicID: facts?.id
            )
        }
        do throws(SinkTaskError) {
            let wishes = try await task.open(opened, now: now)
            let (starts, problems) = try await starts(of: partitions, wishes)
            if !starts.isEmpty {
                logger.info("partitions taken over", metadata: [LogKeys.partitions: "\(starts.keys.sorted())"])
            }
            await perform(decide { $0.opened(starts) })
            for problem in problems { await failed(problem) }
        } catch {
            report(error)
            let now = now
            await perform(decide { $0.openFailed(partitions, error, now: now.monotonic) })
        }
    }

    /// Asks about topics. What was known of their retention counts where nobody answers; a topic's id never does, since
    /// a topic made again has another one.
    private func learn(_ names: Set<String>) async {
        guard configuration.asksAboutTopics else { return }
        let found = await topics.facts(of: names)
        for topic in names {
            known[topic] =
                found[topic] ?? TopicFacts(retentionMilliseconds: known[topic]?.retentionMilliseconds, id: nil)
        }
    }

    /// Where partitions begin: the sink's word, then the group's, then `auto.offset.reset`; and those that cannot begin.
    func starts(
        of partitions: [TopicPartition],
        _ wishes: [TopicPartition: SinkStart]
    ) async throws(SinkTaskError) -> ([TopicPartition: PartitionStart], problems: [SinkTaskError]) {
        let questions: [PartitionStart.Question]
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
        var problems: [SinkTaskError] = []
        for question in questions {
            do throws(PartitionStart.Problem) {
                starts[question.partition] = try PartitionStart(question)
            } catch {
                // Letters of another log are other letters.
                configuration.letters.forget(question.partition)
                problems.append(SinkTaskError(.permanent, error.message, partitions: [question.partition]))
            }
        }
        return (starts, problems)
    }

    private func questions(
        about partitions: [TopicPartition],
        _ wishes: [TopicPartition: SinkStart]
    ) async throws(KafkaClientError) -> [PartitionStart.Question] {
        let group = try await consumer.committed(partitions.filter { wishes[$0]?.next == nil })
        var questions: [PartitionStart.Question] = []
        for partition in partitions {
            let kept = try await consumer.watermarks(of: partition)
            questions.append(
                PartitionStart.Question(
                    partition,
                    sink: wishes[partition],
                    group: group[partition],
                    reset: configuration.settings.reset,
                    earliest: kept.lowerBound,
                    latest: kept.upperBound,
                    topicID: known[partition.topic]?.id
                )
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
            guard let position = decide({ $0.position(of: partition) }) else { continue }
            if offset < position { readsBehind.insert(partition) } else { readsBehind.remove(partition) }
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
