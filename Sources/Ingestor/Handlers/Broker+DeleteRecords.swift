import CommitLog
import KafkaProtocol
import KafkaTopics
import Logging
import NIOCore

extension Broker {
    /// Deletes records before an offset. A partition that is named again is refused.
    func deleteRecords(_ request: DeleteRecordsRequest, _ context: RequestContext) -> Reply {
        let count = request.topics.reduce(0) { $0 + $1.partitions.count }
        guard count <= configuration.limits.partitionsPerRequestMax else {
            let refused = answer(request) { .init(partition: $1.partition, errorCode: .invalidRequest) }
            return .now(Answer(refused))
        }
        let principal = context.origin.principal
        return changingTopics(context.eventLoop) {
            var outcomes = self.deleteRecords(request, by: principal)
            let answer = self.answer(request) { topic, wanted in
                outcomes.removeValue(forKey: TopicPartition(topic: topic, partition: wanted.partition))
                    ?? .init(partition: wanted.partition, errorCode: .invalidRequest)
            }
            return .answer(Answer(answer))
        }
    }

    private func answer(
        _ request: DeleteRecordsRequest,
        _ outcome: (String, DeleteRecordsRequest.Partition) -> DeleteRecordsResponse.Partition
    ) -> DeleteRecordsResponse {
        var response = DeleteRecordsResponse()
        response.topics = request.topics.map { topic in
            .init(name: topic.name, partitions: topic.partitions.map { outcome(topic.name, $0) })
        }
        return response
    }

    /// Deletes what is asked for, of each partition what is asked for first; where the logs begin is noted for all of them
    /// together.
    private func deleteRecords(
        _ request: DeleteRecordsRequest,
        by principal: Principal
    ) -> [TopicPartition: DeleteRecordsResponse.Partition] {
        var outcomes: [TopicPartition: DeleteRecordsResponse.Partition] = [:]
        var wanted: [TopicPartition: Int64] = [:]
        var before: [TopicPartition: Int64] = [:]
        for topic in request.topics {
            for place in topic.partitions {
                let partition = TopicPartition(topic: topic.name, partition: place.partition)
                guard wanted[partition] == nil, outcomes[partition] == nil else { continue }
                guard let log = topics.log(topic.name, place.partition) else {
                    outcomes[partition] = .init(partition: place.partition, errorCode: .unknownTopicOrPartition)
                    continue
                }
                guard !topics.isInternal(topic.name) else {
                    outcomes[partition] = .init(
                        partition: place.partition,
                        errorCode: TopicRefusal.internalTopic.code
                    )
                    continue
                }
                // Where only compaction removes records, the newest one of each key is promised to stay.
                guard log.configuration.cleanupPolicy.contains(.delete) else {
                    outcomes[partition] = .init(partition: place.partition, errorCode: .policyViolation)
                    continue
                }
                before[partition] = log.logStartOffset
                wanted[partition] = place.offset == DeleteRecordsRequest.endOffset ? log.endOffset : place.offset
            }
        }
        for (partition, result) in topics.deleteRecords(before: wanted) {
            outcomes[partition] = outcome(of: partition, result, before: before[partition] ?? 0, by: principal)
        }
        return outcomes
    }

    private func outcome(
        of partition: TopicPartition,
        _ result: Result<Int64, LogError>,
        before: Int64,
        by principal: Principal
    ) -> DeleteRecordsResponse.Partition {
        var metadata: Logger.Metadata = [
            LogKey.topic: "\(partition.topic)", LogKey.partition: "\(partition.partition)",
            LogKey.principal: "\(principal)",
        ]
        do throws(LogError) {
            let start = try result.get()
            if start > before {
                metadata[LogKey.logStart] = "\(start)"
                logger.info("records deleted on request", metadata: metadata)
            }
            return .init(partition: partition.partition, lowWatermark: start)
        } catch {
            if error.code != .offsetOutOfRange {
                metadata[LogKey.reason] = "\(error)"
                logger.error("records not deleted", metadata: metadata)
            }
            return .init(partition: partition.partition, errorCode: ErrorCode(error.code))
        }
    }
}
