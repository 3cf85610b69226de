import CommitLog
import KafkaProtocol
import Logging
import NIOCore
import Synchronization

extension Broker {
    /// The one node, with the address that the client connected to, and the topics. Creates topics that do not exist where
    /// both the client and the configuration allow it.
    func metadata(_ request: MetadataRequest, _ context: RequestContext) -> Reply {
        // A client may only say "do not create" from version 4 on; before, it is created.
        let creates =
            configuration.maintainsLogs && configuration.createsTopicsOnFirstUse && request.allowsAutoTopicCreation
        let isMissing: @Sendable (String) -> Bool = { self.topics.topic($0) == nil }
        let names = request.topics?.withoutRepetitions
        guard creates, let wanted = names else {
            return Reply(describe(names, refused: [:], request, context.advertised))
        }
        let missing = wanted.filter { isMissing($0) && TopicSpecification(name: $0).nameProblem == nil }
        let count = missing.isEmpty ? 0 : firstUses.withLock { $0.take(missing.count, now: .now()) }
        // A client asks again for a topic that has no leader yet.
        let later = Dictionary(
            uniqueKeysWithValues: missing.dropFirst(count).map { ($0, ErrorCode.leaderNotAvailable) }
        )
        guard count > 0 else { return Reply(describe(names, refused: later, request, context.advertised)) }
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
    ///   - names: The topics to describe, each once; `nil` for all.
    ///   - refused: Why topics that were asked for were not made.
    private func describe(
        _ names: [String]?,
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
        if let names {
            response.topics = names.map { describe($0, refused[$0]) }
        } else {
            response.topics = topics.all.map { describe($0) }
        }
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

    private func describe(_ name: String, _ refusal: ErrorCode?) -> MetadataResponse.Topic {
        if let topic = topics.topic(name) { return describe(topic) }
        let isName = TopicSpecification(name: name).nameProblem == nil
        return MetadataResponse.Topic(
            errorCode: refusal ?? (isName ? .unknownTopicOrPartition : .invalidTopic),
            name: name
        )
    }

    private func describe(_ topic: TopicMetadata) -> MetadataResponse.Topic {
        MetadataResponse.Topic(
            errorCode: .none,
            name: topic.name,
            partitions: (0..<topic.partitionCount).map { partition in
                .init(
                    errorCode: .none,
                    partition: partition,
                    leaderID: ClusterIdentity.nodeID,
                    leaderEpoch: PartitionLog.leaderEpoch,
                    replicaNodes: [ClusterIdentity.nodeID],
                    inSyncReplicaNodes: [ClusterIdentity.nodeID]
                )
            }
        )
    }
}
