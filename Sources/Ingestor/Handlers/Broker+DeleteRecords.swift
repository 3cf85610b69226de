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
            var known: Set<TopicPartition> = []
            let answer = self.answer(request) { topic, wanted in
                let partition = TopicPartition(topic: topic, partition: wanted.partition)
                guard known.insert(partition).inserted else {
                    return .init(partition: wanted.partition, errorCode: .invalidRequest)
                }
                return self.deleteRecords(of: partition, before: wanted.offset, by: principal)
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

    private func deleteRecords(
        of partition: TopicPartition,
        before offset: Int64,
        by principal: Principal
    ) -> DeleteRecordsResponse.Partition {
        guard let log = topics.log(partition.topic, partition.partition) else {
            return .init(partition: partition.partition, errorCode: .unknownTopicOrPartition)
        }
        // Where only compaction removes records, the newest one of each key is promised to stay.
        guard log.configuration.cleanupPolicy.contains(.delete) else {
            return .init(partition: partition.partition, errorCode: .policyViolation)
        }
        var metadata: Logger.Metadata = [
            LogKey.topic: "\(partition.topic)", LogKey.partition: "\(partition.partition)",
            LogKey.principal: "\(principal)",
        ]
        do throws(LogError) {
            let before = log.logStartOffset
            let start = try log.deleteRecords(
                before: offset == DeleteRecordsRequest.endOffset ? log.endOffset : offset
            )
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
