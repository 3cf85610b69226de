import CommitLog
import KafkaProtocol
import Logging
import NIOCore
import Synchronization

extension Broker {
    /// The one node, with the address that the client connected to, and the topics. Creates topics that do not exist where
    /// both the client and the configuration allow it.
    func metadata(_ request: MetadataRequest, _ context: RequestContext) -> Reply {
        let wanted = request.topics?.withoutRepetitions.map { WantedTopic($0, version: context.version) }
        // A client may only say "do not create" from version 4 on; before, it is created.
        let creates =
            configuration.maintainsLogs && configuration.createsTopicsOnFirstUse && request.allowsAutoTopicCreation
        let isMissing: @Sendable (String) -> Bool = { self.topics.topic($0) == nil }
        guard creates, let wanted else { return Reply(describe(wanted, refused: [:], request, context.advertised)) }
        let missing = wanted.compactMap(\.name).filter {
            isMissing($0) && TopicSpecification(name: $0).nameProblem == nil
        }
        let count = missing.isEmpty ? 0 : firstUses.withLock { $0.take(missing.count, now: .now()) }
        // A client asks again for a topic that has no leader yet.
        let later = Dictionary(
            uniqueKeysWithValues: missing.dropFirst(count).map { ($0, ErrorCode.leaderNotAvailable) }
        )
        guard count > 0 else { return Reply(describe(wanted, refused: later, request, context.advertised)) }
        let advertised = context.advertised
        return changingTopics(context.eventLoop) {
            var refused = later
            for name in missing.prefix(count) where isMissing(name) {
                do throws(TopicRefusal) {
                    try self.topics.create(TopicSpecification(name: name))
                    self.logger.info("topic created on first use", metadata: [LogKey.topic: "\(name)"])
                } catch {
                    // Another connection may have asked for it at the same time: then it is there.
                    if error.code != .topicAlreadyExists { refused[name] = error.code }
                }
            }
            return self.describe(wanted, refused: refused, request, advertised)
        }
    }

    /// - Parameters:
    ///   - wanted: The topics to describe, each once; `nil` for all.
    ///   - refused: Why topics that were asked for were not made.
    private func describe(
        _ wanted: [WantedTopic]?,
        refused: [String: ErrorCode],
        _ request: MetadataRequest,
        _ advertised: ListenAddress
    ) -> Reply.Settled {
        var response = MetadataResponse()
        response.brokers = [
            .init(nodeID: ClusterIdentity.nodeID, host: advertised.host, port: Int32(advertised.port))
        ]
        response.clusterID = clusterID
        response.controllerID = ClusterIdentity.nodeID
        response.topics = wanted?.map { describe($0, refused: refused) } ?? topics.all.map { describe($0) }
        if request.includesClusterAuthorizedOperations {
            response.clusterAuthorizedOperations = AuthorizedOperations.cluster
        }
        if request.includesTopicAuthorizedOperations {
            for place in response.topics.indices where response.topics[place].errorCode == .none {
                response.topics[place].authorizedOperations = AuthorizedOperations.topic
            }
        }
        return .answer(Answer(response))
    }

    private func describe(_ wanted: WantedTopic, refused: [String: ErrorCode]) -> MetadataResponse.Topic {
        switch wanted {
        case .named(let name):
            if let topic = topics.topic(name) { return describe(topic) }
            return MetadataResponse.Topic(errorCode: refused[name] ?? missing(name), name: name)
        case .identified(let id):
            if let topic = topics.topic(id: id) { return describe(topic) }
            return MetadataResponse.Topic(errorCode: .unknownTopicID, name: nil, id: id)
        case .malformed(let topic):
            return MetadataResponse.Topic(errorCode: .invalidRequest, name: topic.name, id: topic.id)
        }
    }

    private func describe(_ topic: TopicMetadata) -> MetadataResponse.Topic {
        MetadataResponse.Topic(
            errorCode: .none,
            name: topic.name,
            id: topic.id,
            isInternal: topic.isInternal,
            partitions: (0..<topic.partitionCount).map { partition in
                .init(
                    errorCode: .none,
                    partition: partition,
                    leaderID: ClusterIdentity.nodeID,
                    leaderEpoch: leaderEpoch(of: topic.name, partition),
                    replicaNodes: [ClusterIdentity.nodeID],
                    inSyncReplicaNodes: [ClusterIdentity.nodeID]
                )
            }
        )
    }

    /// The epoch that clients are told; -1 for a partition that is deleted meanwhile.
    private func leaderEpoch(of topic: String, _ partition: Int32) -> Int32 {
        topics.log(topic, partition)?.leaderEpoch ?? -1
    }

    /// Why no topic has this name.
    private func missing(_ name: String) -> ErrorCode {
        TopicSpecification(name: name).nameProblem == nil ? .unknownTopicOrPartition : .invalidTopic
    }
}

/// A topic of a request for metadata.
private enum WantedTopic {
    case named(String)
    case identified(KafkaUUID)
    /// Named by nothing, or by an id in a version where Kafka knows none in requests.
    case malformed(MetadataRequest.Topic)

    init(_ topic: MetadataRequest.Topic, version: Int16) {
        if topic.id != .zero {
            self = version >= 12 ? .identified(topic.id) : .malformed(topic)
        } else if let name = topic.name {
            self = .named(name)
        } else {
            self = .malformed(topic)
        }
    }

    var name: String? {
        if case .named(let name) = self { name } else { nil }
    }
}

extension Broker {
    /// Topics with their partitions, by name and a page at a time.
    func describeTopicPartitions(_ request: DescribeTopicPartitionsRequest) -> Reply {
        var response = DescribeTopicPartitionsResponse()
        let cursor = request.cursor
        let isAll = request.topics.isEmpty
        let names = isAll ? topics.all.map(\.name) : Set(request.topics.map(\.name)).sorted()
        if let cursor, cursor.partition < 0 {
            response.topics = names.map { .init(errorCode: .invalidRequest, name: $0) }
            return .now(Answer(response))
        }
        var left = max(1, min(Int(request.partitionsMax), configuration.limits.describedPartitionsMax))
        for name in names where name >= cursor?.topic ?? "" {
            guard left > 0 else {
                response.nextCursor = .init(topic: name, partition: 0)
                break
            }
            guard let topic = topics.topic(name) else {
                if !isAll { response.topics.append(.init(errorCode: missing(name), name: name)) }
                continue
            }
            let first = name == cursor?.topic ? min(cursor?.partition ?? 0, topic.partitionCount) : 0
            let end = first + Int32(min(left, Int(topic.partitionCount - first)))
            response.topics.append(page(of: topic, first..<end))
            left -= Int(end - first)
            if end < topic.partitionCount {
                response.nextCursor = .init(topic: name, partition: end)
                break
            }
        }
        return .now(Answer(response))
    }

    private func page(of topic: TopicMetadata, _ range: Range<Int32>) -> DescribeTopicPartitionsResponse.Topic {
        let partitions = range.map { number in
            var partition = DescribeTopicPartitionsResponse.Partition()
            partition.partition = number
            partition.leaderID = ClusterIdentity.nodeID
            partition.leaderEpoch = leaderEpoch(of: topic.name, number)
            partition.replicaNodes = [ClusterIdentity.nodeID]
            partition.inSyncReplicaNodes = [ClusterIdentity.nodeID]
            partition.eligibleLeaderReplicas = []
            partition.lastKnownEligibleLeaderReplicas = []
            return partition
        }
        return .init(
            name: topic.name,
            id: topic.id,
            isInternal: topic.isInternal,
            partitions: partitions,
            authorizedOperations: AuthorizedOperations.topic
        )
    }
}
