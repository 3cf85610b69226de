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
        var outcome = Outcome.taken([])
        let error = groups.commit(
            group: request.groupID,
            memberID: request.memberID,
            instanceID: request.groupInstanceID,
            generation: request.generationID
        ) {
            outcome = keep(request)
            return outcome.error
        }
        log(outcome, of: request)
        guard error == .none, case .taken(let taken) = outcome else { return .now(answer(request) { _, _ in error }) }
        let done = answer(request) { topic, partition in
            // Its own problem first: the same partition may have been named twice, and taken once.
            if let problem = problem(with: partition, of: topic) { return problem }
            let isTaken = taken.contains(TopicPartition(topic: topic, partition: partition.partition))
            return isTaken ? .none : .unknownTopicOrPartition
        }
        guard configuration.log.flushPolicy == .always else { return .now(done) }
        let failed = answer(request) { _, _ in .kafkaStorageError }
        let reply = offsetFlush.flushed(on: context.eventLoop).map { Reply.Settled.answer(done) }
            .recover { _ in Reply.Settled.answer(failed) }
        return .later(reply)
    }

    /// What came of a commit that the group allows.
    private enum Outcome {
        /// The offsets of these partitions are kept.
        case taken(Set<TopicPartition>)
        case tooManyGroups
        case failed(IngestorError)

        var error: ErrorCode {
            switch self {
            case .taken: .none
            case .tooManyGroups: .policyViolation
            case .failed: .kafkaStorageError
            }
        }
    }

    private func keep(_ request: OffsetCommitRequest) -> Outcome {
        let group = request.groupID
        if offsets.isFull(for: group, limit: configuration.limits.groupsMax) { return .tooManyGroups }
        do throws(IngestorError) {
            let taken = try offsets.commit(group: group, acceptable(request), ofTopicsThat: { topics.topic($0) != nil })
            return .taken(taken)
        } catch {
            return .failed(error)
        }
    }

    private func log(_ outcome: Outcome, of request: OffsetCommitRequest) {
        switch outcome {
        case .taken: break
        case .tooManyGroups:
            logger.warning(
                "offsets refused: there are as many groups as may be",
                metadata: [LogKey.group: "\(request.groupID)"]
            )
        case .failed(let error):
            logger.error(
                "offsets not kept",
                metadata: [LogKey.group: "\(request.groupID)", LogKey.reason: "\(error)"]
            )
        }
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
