import CommitLog
import KafkaProtocol
import KafkaTopics
import Logging
import NIOCore

extension Broker {
    /// Keeps how far a group has come. What is acknowledged survives a crash of the process, and with the flush policy
    /// `always` one of the machine.
    func commitOffsets(_ request: OffsetCommitRequest, _ context: RequestContext) -> Reply {
        guard !request.groupID.isEmpty else { return .now(answer(request) { _, _ in .invalidGroupID }) }
        let error = groups.checkCommit(
            group: request.groupID,
            memberID: request.memberID,
            instanceID: request.groupInstanceID,
            generation: request.generationID
        )
        guard error == .none else { return .now(answer(request) { _, _ in error }) }
        guard !self.offsets.isFull(for: request.groupID, limit: configuration.limits.groupsMax) else {
            logger.warning(
                "offsets refused: there are as many groups as may be",
                metadata: [LogKey.group: "\(request.groupID)"]
            )
            return .now(answer(request) { _, _ in .policyViolation })
        }
        let offsets = acceptable(request)
        do throws(IngestorError) {
            try self.offsets.commit(group: request.groupID, offsets)
        } catch {
            logger.error(
                "offsets not kept",
                metadata: [LogKey.group: "\(request.groupID)", LogKey.reason: "\(error)"]
            )
            return .now(answer(request) { _, _ in .kafkaStorageError })
        }
        let done = answer(request) { problem(with: $1, of: $0) ?? .none }
        guard configuration.log.flushPolicy == .always else { return .now(done) }
        let failed = answer(request) { _, _ in .kafkaStorageError }
        let reply = offsetFlush.flushed(on: context.eventLoop).map { Reply.Settled.answer(done) }
            .recover { _ in Reply.Settled.answer(failed) }
        return .later(reply)
    }

    private func problem(with partition: OffsetCommitRequest.Partition, of topic: String) -> ErrorCode? {
        if topics.partition(topic, partition.partition) == nil { return .unknownTopicOrPartition }
        let noteBytes = partition.metadata?.utf8.count ?? 0
        return noteBytes > configuration.limits.offsetMetadataBytesMax ? .offsetMetadataTooLarge : nil
    }

    private func acceptable(_ request: OffsetCommitRequest) -> [TopicPartition: CommittedOffset] {
        var offsets: [TopicPartition: CommittedOffset] = [:]
        for topic in request.topics {
            for partition in topic.partitions where problem(with: partition, of: topic.name) == nil {
                offsets[TopicPartition(topic: topic.name, partition: partition.partition)] = CommittedOffset(
                    offset: partition.offset,
                    leaderEpoch: partition.leaderEpoch,
                    metadata: partition.metadata ?? ""
                )
            }
        }
        return offsets
    }

    private func answer(
        _ request: OffsetCommitRequest,
        _ error: (String, OffsetCommitRequest.Partition) -> ErrorCode
    ) -> Answer {
        var response = OffsetCommitResponse()
        response.topics = request.topics.map { topic in
            OffsetCommitResponse.Topic(
                name: topic.name,
                partitions: topic.partitions.map {
                    .init(partition: $0.partition, errorCode: error(topic.name, $0))
                }
            )
        }
        return Answer(response)
    }
}
