import CommitLog
import KafkaProtocol
import KafkaTopics
import Logging
import NIOCore
import Synchronization

extension Broker {
    /// Stores the committed offsets of a group. What is acknowledged survives a crash of the process, and with the flush
    /// policy `always` one of the machine.
    func commitOffsets(_ request: OffsetCommitRequest, _ context: RequestContext) -> Reply {
        var request = request
        topics.name(&request.topics, version: context.version)
        guard !request.groupID.isEmpty, request.groupID.utf8.count <= configuration.limits.groupNameBytesMax else {
            return .now(answer(request) { _, _ in .invalidGroupID })
        }
        let problems = problems(with: request)
        var outcome = Outcome.taken([])
        let error = groups.commit(
            group: request.groupID,
            memberID: request.memberID,
            instanceID: request.groupInstanceID,
            generation: request.generationID,
            carriesEpoch: context.version >= 9
        ) {
            outcome = keep(request, problems)
            return outcome.error
        }
        log(outcome, of: request)
        guard error == .none, case .taken(let taken) = outcome else { return .now(answer(request) { _, _ in error }) }
        var remaining = problems[...]
        let done = answer(request) { topic, partition in
            // Its own problem first: the same partition may have been named twice, and taken once.
            if let problem = remaining.removeFirst() { return problem }
            let isTaken = taken.contains(TopicPartition(topic: topic, partition: partition.partition))
            return isTaken ? .none : .unknownTopicOrPartition
        }
        guard configuration.log.flushPolicy == .always else { return .now(done) }
        let failed = answer(request) { _, _ in .kafkaStorageError }
        let reply = offsetFlush.flushed(on: context.eventLoop).map { Reply.Settled.answer(done) }
            .recover { [self] _ in
                commitsFail.store(true, ordering: .relaxed)
                return Reply.Settled.answer(failed)
            }
        return .later(reply)
    }

    /// Removes the offsets of groups that have been unused for the retention of offsets. Who is in a group is in memory only:
    /// after a start, groups from before keep theirs until their members had the time to join again.
    func expireOffsets() throws(IngestorError) {
        let now = logClock()
        let kept = liveSettings.offsetsRetention ?? configuration.limits.offsetsRetention
        let retention = kept.nanoseconds / 1_000_000
        let hasJustBegun = now - began < configuration.limits.rejoinTime.nanoseconds / 1_000_000
        let start = hasJustBegun ? began : .min
        let times = start..<max(start, now - retention)
        let expired = try offsets.expire(lastCommittedIn: times, now: now) { group in
            configuration.permanentGroupPrefixes.contains { group.hasPrefix($0) } || groups.isInUse(group)
        }
        for group in expired {
            logger.info("offsets of an unused group expired", metadata: [LogKey.group: "\(group)"])
        }
    }

    /// The outcome of a commit that the group allows.
    private enum Outcome {
        /// The offsets of these partitions are kept.
        case taken(Set<TopicPartition>)
        /// The limit of groups or bytes is reached.
        case full
        case failed(IngestorError)

        var error: ErrorCode {
            switch self {
            case .taken: .none
            case .full: .policyViolation
            case .failed(let error): error.code == .commitTooLarge ? .invalidCommitOffsetSize : .kafkaStorageError
            }
        }
    }

    private func keep(_ request: OffsetCommitRequest, _ problems: [ErrorCode?]) -> Outcome {
        let group = request.groupID
        let limits = configuration.limits
        let accepted = acceptable(request, problems)
        if offsets.isFull(for: group, accepted, groupsMax: limits.groupsMax, bytesMax: limits.offsetsBytesMax) {
            return .full
        }
        do throws(IngestorError) {
            let taken = try offsets.commit(
                group: group,
                accepted,
                at: logClock(),
                ofTopicsThat: { topics.topic($0) != nil }
            )
            return .taken(taken)
        } catch {
            return .failed(error)
        }
    }

    private func log(_ outcome: Outcome, of request: OffsetCommitRequest) {
        switch outcome {
        case .taken:
            if commitsFail.load(ordering: .relaxed) { commitsFail.store(false, ordering: .relaxed) }
        case .full:
            logger.warning(
                "offsets refused: the limit of groups or bytes of committed offsets is reached",
                metadata: [LogKey.group: "\(request.groupID)"]
            )
        case .failed(let error):
            if error.code != .commitTooLarge { commitsFail.store(true, ordering: .relaxed) }
            logger.error(
                "offsets not kept",
                metadata: [LogKey.group: "\(request.groupID)", LogKey.reason: "\(error)"]
            )
        }
    }

    /// What is wrong with each partition of the request, in its order; `nil` where nothing is.
    private func problems(with request: OffsetCommitRequest) -> [ErrorCode?] {
        request.topics.flatMap { topic in
            topic.partitions.map { partition in
                guard let log = topics.log(topic, partition.partition) else {
                    return topic.isUnknownID ? .unknownTopicID : .unknownTopicOrPartition
                }
                // A client that names topics and not their ids commits where it was in one that is gone.
                if log.isElsewhere(partition.offset, in: partition.leaderEpoch) { return .unknownTopicOrPartition }
                let noteBytes = partition.metadata?.utf8.count ?? 0
                return noteBytes > configuration.limits.offsetMetadataBytesMax ? .offsetMetadataTooLarge : nil
            }
        }
    }

    private func acceptable(
        _ request: OffsetCommitRequest,
        _ problems: [ErrorCode?]
    ) -> [TopicPartition: CommittedOffset] {
        var offsets: [TopicPartition: CommittedOffset] = [:]
        var remaining = problems[...]
        for topic in request.topics {
            for partition in topic.partitions where remaining.removeFirst() == nil {
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
                id: topic.id,
                partitions: topic.partitions.map {
                    .init(partition: $0.partition, errorCode: error(topic.name, $0))
                }
            )
        }
        return Answer(response)
    }
}

extension Broker {
    /// The committed offsets of groups: of the partitions asked for, or of all. Each group and partition is answered once: a
    /// committed offset may have metadata of kilobytes, asking for it takes a few bytes.
    func fetchOffsets(_ request: OffsetFetchRequest, _ context: RequestContext) -> Reply {
        var response = OffsetFetchResponse()
        var left = configuration.limits.partitionsPerRequestMax
        response.groups = request.groups.merging(by: \.groupID, \.topics).map { group in
            let refusal = groups.checkFetch(group: group.groupID, memberID: group.memberID, epoch: group.memberEpoch)
            guard refusal == .none else { return OffsetFetchResponse.Group(groupID: group.groupID, errorCode: refusal) }
            let known = offsets.offsets(of: group.groupID)
            var topics = group.topics.map { chosen($0, of: known, context.version) } ?? Self.everything(of: known)
            identify(&topics, version: context.version)
            let count = topics.reduce(0) { $0 + $1.partitions.count }
            guard count <= left else { return Self.refused(group.groupID, topics, version: context.version) }
            left -= count
            return OffsetFetchResponse.Group(groupID: group.groupID, topics: topics)
        }
        return .now(Answer(response))
    }

    /// Before version 2 an answer has no field for the group's error: each partition has it.
    private static func refused(
        _ groupID: String,
        _ topics: [OffsetFetchResponse.Topic],
        version: Int16
    ) -> OffsetFetchResponse.Group {
        if version >= 2 { return OffsetFetchResponse.Group(groupID: groupID, errorCode: .invalidRequest) }
        let answered = topics.map { topic in
            OffsetFetchResponse.Topic(
                name: topic.name,
                partitions: topic.partitions.map { .init(partition: $0.partition, errorCode: .invalidRequest) }
            )
        }
        return OffsetFetchResponse.Group(groupID: groupID, topics: answered)
    }

    /// Gives topics that are answered by their ids these ids. A topic that is gone has none, and is not answered.
    private func identify(_ answered: inout [OffsetFetchResponse.Topic], version: Int16) {
        guard version >= OffsetFetchRequest.firstVersionWithTopicIDs else { return }
        for place in answered.indices where answered[place].id == .zero {
            answered[place].id = topics.topic(answered[place].name)?.id ?? .zero
        }
        answered.removeAll { $0.id == .zero && !$0.name.isEmpty }
    }

    private func chosen(
        _ wanted: [OffsetFetchRequest.Topic],
        of known: [TopicPartition: CommittedOffset],
        _ version: Int16
    ) -> [OffsetFetchResponse.Topic] {
        struct Key: Hashable {
            let name: String
            let id: KafkaUUID
        }
        var wanted = wanted
        topics.name(&wanted, version: version)
        let partitions = Dictionary(grouping: wanted) { Key(name: $0.name, id: $0.id) }
            .mapValues { $0.flatMap(\.partitions) }
        return wanted.map { Key(name: $0.name, id: $0.id) }.withoutRepetitions.map { topic in
            let numbers = (partitions[topic] ?? []).withoutRepetitions
            let isUnknown = topic.name.isEmpty && version >= OffsetFetchRequest.firstVersionWithTopicIDs
            return OffsetFetchResponse.Topic(
                name: topic.name,
                id: topic.id,
                partitions: isUnknown
                    ? numbers.map { .init(partition: $0, metadata: "", errorCode: .unknownTopicID) }
                    : numbers.map {
                        Self.partition($0, known[TopicPartition(topic: topic.name, partition: $0)])
                    }
            )
        }
    }

    private static func everything(of known: [TopicPartition: CommittedOffset]) -> [OffsetFetchResponse.Topic] {
        Dictionary(grouping: known, by: \.key.topic).sorted { $0.key < $1.key }.map { topic, offsets in
            OffsetFetchResponse.Topic(
                name: topic,
                partitions: offsets.sorted { $0.key < $1.key }.map { partition($0.key.partition, $0.value) }
            )
        }
    }

    private static func partition(_ number: Int32, _ known: CommittedOffset?) -> OffsetFetchResponse.Partition {
        OffsetFetchResponse.Partition(
            partition: number,
            offset: known?.offset ?? -1,
            leaderEpoch: known?.leaderEpoch ?? -1,
            metadata: known?.metadata ?? ""
        )
    }
}
