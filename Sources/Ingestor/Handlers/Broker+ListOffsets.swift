import CommitLog
import KafkaProtocol
import NIOCore

extension Broker {
    /// Finds offsets by place or by time. Looking for a time reads the log, so that is done away from the event loop.
    func listOffsets(_ request: ListOffsetsRequest, _ context: RequestContext) -> Reply {
        let readsLogs = request.topics.contains { topic in
            topic.partitions.contains { $0.timestamp >= 0 || $0.timestamp == OffsetTimestamp.maximum }
        }
        guard readsLogs else { return Reply(find(request)) }
        return onThreads(context.eventLoop) { self.find(request) }
    }

    private func find(_ request: ListOffsetsRequest) -> Reply.Settled {
        var response = ListOffsetsResponse()
        response.topics = request.topics.map { topic in
            ListOffsetsResponse.Topic(
                name: topic.name,
                partitions: topic.partitions.map { find($0, of: topic.name) }
            )
        }
        return .answer(Answer(response))
    }

    private func find(_ wanted: ListOffsetsRequest.Partition, of topic: String) -> ListOffsetsResponse.Partition {
        var answer = ListOffsetsResponse.Partition(partition: wanted.partition)
        guard let partition = topics.partition(topic, wanted.partition) else {
            answer.errorCode = .unknownTopicOrPartition
            return answer
        }
        if let problem = LeaderEpoch.problem(with: wanted.currentLeaderEpoch) {
            answer.errorCode = problem
            return answer
        }
        do throws(LogError) {
            switch wanted.timestamp {
            case OffsetTimestamp.latest: answer.offset = partition.log.endOffset
            case OffsetTimestamp.earliest, OffsetTimestamp.earliestLocal: answer.offset = partition.log.logStartOffset
            case OffsetTimestamp.latestTiered: break
            default:
                let found =
                    wanted.timestamp == OffsetTimestamp.maximum
                    ? try partition.log.offsetOfLargestTimestamp()
                    : try partition.log.offset(forTimestamp: wanted.timestamp)
                answer.offset = found?.offset ?? -1
                answer.timestamp = found?.timestamp ?? -1
            }
            if answer.offset >= 0 { answer.leaderEpoch = ClusterIdentity.leaderEpoch }
        } catch {
            answer.errorCode = ErrorCode(error.code)
        }
        return answer
    }
}
