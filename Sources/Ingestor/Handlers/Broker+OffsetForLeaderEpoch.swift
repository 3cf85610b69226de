import CommitLog
import KafkaProtocol

extension Broker {
    /// Where leader epochs end (KIP-320): a reader whose place is after the end of the epoch that it knows has read records
    /// that are gone.
    func findEpochs(_ request: OffsetForLeaderEpochRequest) -> Reply {
        let count = request.topics.reduce(0) { $0 + $1.partitions.count }
        let isTooMuch = count > configuration.limits.partitionsPerRequestMax
        var response = OffsetForLeaderEpochResponse()
        response.topics = request.topics.map { topic in
            .init(
                name: topic.name,
                partitions: topic.partitions.map { wanted in
                    isTooMuch
                        ? .init(partition: wanted.partition, errorCode: .invalidRequest)
                        : find(wanted, in: topics.log(topic.name, wanted.partition))
                }
            )
        }
        return .now(Answer(response))
    }

    private func find(
        _ wanted: OffsetForLeaderEpochRequest.Partition,
        in log: PartitionLog?
    ) -> OffsetForLeaderEpochResponse.Partition {
        guard let log else { return .init(partition: wanted.partition, errorCode: .unknownTopicOrPartition) }
        if let problem = log.problem(withLeaderEpoch: wanted.currentLeaderEpoch) {
            return .init(partition: wanted.partition, errorCode: problem)
        }
        guard wanted.leaderEpoch >= 0, let end = log.end(ofEpoch: wanted.leaderEpoch) else {
            return .init(partition: wanted.partition)
        }
        return .init(partition: wanted.partition, leaderEpoch: end.epoch, endOffset: end.endOffset)
    }
}
