import CommitLog
import KafkaProtocol
import KafkaTopics
import NIOCore

extension Broker {
    /// Finds offsets by place or by time. Looking for a time reads the log, so that is done away from the event loop, and
    /// once for a partition: one that is named again is refused, as Kafka does.
    func listOffsets(_ request: ListOffsetsRequest, _ context: RequestContext) -> Reply {
        let count = request.topics.reduce(0) { $0 + $1.partitions.count }
        guard count <= configuration.limits.partitionsPerRequestMax else {
            return .now(Answer(answer(request) { .init(partition: $1.partition, errorCode: .invalidRequest) }))
        }
        let readsLogs = request.topics.contains { topic in
            topic.partitions.contains { $0.timestamp >= 0 || $0.timestamp == OffsetTimestamp.maximum }
        }
        guard readsLogs else { return .now(Answer(answer(request, find))) }
        return onThreads(context.eventLoop) { .answer(Answer(self.answer(request, self.find))) }
    }

    private func answer(
        _ request: ListOffsetsRequest,
        _ answer: (String, ListOffsetsRequest.Partition) -> ListOffsetsResponse.Partition
    ) -> ListOffsetsResponse {
        var response = ListOffsetsResponse()
        var known: Set<TopicPartition> = []
        response.topics = request.topics.map { topic in
            ListOffsetsResponse.Topic(
                name: topic.name,
                partitions: topic.partitions.map { wanted in
                    let isNew = known.insert(TopicPartition(topic: topic.name, partition: wanted.partition)).inserted
                    return isNew
                        ? answer(topic.name, wanted) : .init(partition: wanted.partition, errorCode: .invalidRequest)
                }
            )
        }
        return response
    }

    private func find(_ topic: String, _ wanted: ListOffsetsRequest.Partition) -> ListOffsetsResponse.Partition {
        var answer = ListOffsetsResponse.Partition(partition: wanted.partition)
        guard let log = topics.log(topic, wanted.partition) else {
            answer.errorCode = .unknownTopicOrPartition
            return answer
        }
        if let problem = log.problem(withLeaderEpoch: wanted.currentLeaderEpoch) {
            answer.errorCode = problem
            return answer
        }
        do throws(LogError) {
            switch wanted.timestamp {
            case OffsetTimestamp.latest: answer.offset = log.endOffset
            case OffsetTimestamp.earliest, OffsetTimestamp.earliestLocal: answer.offset = log.logStartOffset
            case OffsetTimestamp.latestTiered: break
            case ..<OffsetTimestamp.latestTiered:
                // A later protocol's question; taken for a time it would be answered with the first record.
                answer.errorCode = .unsupportedVersion
                return answer
            default:
                let found =
                    wanted.timestamp == OffsetTimestamp.maximum
                    ? try log.offsetOfLargestTimestamp()
                    : try log.offset(forTimestamp: wanted.timestamp)
                answer.offset = found?.offset ?? -1
                answer.timestamp = found?.timestamp ?? -1
            }
            if answer.offset >= 0 { answer.leaderEpoch = log.leaderEpoch(at: answer.offset) }
        } catch {
            answer.errorCode = ErrorCode(error.code)
        }
        return answer
    }
}
