import CommitLog
import KafkaProtocol
import Logging
import NIOCore
import NIOPosix
import Synchronization

/// Answers requests; shared by all connections. Each API's handler is an extension in a file of
/// its own, in `Handlers`.
final class Broker: Sendable {
    let configuration: IngestorConfiguration
    let topics: TopicCatalog
    let groups: GroupCoordinator
    let offsets: OffsetStore
    let producerIDs: ProducerIDs
    let liveSettings: LiveSettings
    let fetchSessions: FetchSessions
    let clusterID: String
    let memory: RequestMemory
    /// For work that may wait for the disk.
    let threads: NIOThreadPool
    /// Creates, changes and deletes topics, one at a time: that can take long, and nothing else should wait for it.
    let topicThreads: NIOThreadPool
    let slowRequests: SlowRequests
    /// Whether the last batch could not be stored.
    let storageFails = Atomic(false)
    /// Whether the last commit of offsets could not be stored.
    let commitsFail = Atomic(false)
    /// Limits the topics that are created on first use.
    let firstUses: Mutex<TokenBucket>
    let logger: Logger
    /// Brings committed offsets to disk before they are acknowledged, where the flush policy asks for that.
    let offsetFlush: GroupFlush
    /// The milliseconds that the age of records is counted by; see `LogClock`.
    let logClock: @Sendable () -> Int64
    /// The milliseconds since 1970 that records get as their timestamps; see `LogClock`.
    let timeOfDay: @Sendable () -> Int64
    /// When it began to serve, by ``logClock``.
    let began: Int64

    init(
        configuration: IngestorConfiguration,
        topics: TopicCatalog,
        offsets: OffsetStore,
        producerIDs: ProducerIDs,
        liveSettings: LiveSettings,
        clusterID: String,
        eventLoops: any EventLoopGroup,
        threads: NIOThreadPool,
        logClock: @escaping @Sendable () -> Int64,
        timeOfDay: @escaping @Sendable () -> Int64,
        topicThreads: NIOThreadPool,
        logger: Logger
    ) {
        self.configuration = configuration
        self.topics = topics
        self.offsets = offsets
        self.producerIDs = producerIDs
        self.liveSettings = liveSettings
        self.clusterID = clusterID
        self.threads = threads
        self.logClock = logClock
        began = logClock()
        self.timeOfDay = timeOfDay
        self.topicThreads = topicThreads
        firstUses = Mutex(
            TokenBucket(
                capacity: configuration.limits.firstUseTopicsMax,
                interval: configuration.limits.firstUseTopicInterval,
                now: .now()
            )
        )
        slowRequests = SlowRequests(configuration.limits)
        self.logger = logger
        groups = GroupCoordinator(
            settings: configuration.groups,
            groupsMax: configuration.limits.groupsMax,
            eventLoops: eventLoops,
            logger: logger
        )
        memory = RequestMemory(configuration.limits)
        fetchSessions = FetchSessions(configuration.limits)
        offsetFlush = GroupFlush(threads: threads) { try offsets.flush() }
    }

    /// Reads a request's body and answers it.
    ///
    /// - Throws: where the bytes are not a valid request; the connection is closed then, as what follows cannot be trusted.
    func reply(to header: RequestHeader, body: inout ByteBuffer, _ context: RequestContext) throws(DecodeError) -> Reply
    {
        guard let api = header.api, header.unsupported == nil else { return replyToUnsupported(header) }
        let version = header.version
        IngestorMetrics.requested(api)
        switch api {
        case .produce: return produce(try ProduceRequest(from: &body, version: version), context)
        case .fetch: return fetch(try FetchRequest(from: &body, version: version), context)
        case .listOffsets: return listOffsets(try ListOffsetsRequest(from: &body, version: version), context)
        case .metadata: return metadata(try MetadataRequest(from: &body, version: version), context)
        case .offsetCommit: return commitOffsets(try OffsetCommitRequest(from: &body, version: version), context)
        case .offsetFetch: return fetchOffsets(try OffsetFetchRequest(from: &body, version: version), context)
        case .findCoordinator:
            return findCoordinator(try FindCoordinatorRequest(from: &body, version: version), context)
        case .joinGroup: return joinGroup(try JoinGroupRequest(from: &body, version: version), context)
        case .heartbeat: return heartbeat(try HeartbeatRequest(from: &body, version: version))
        case .leaveGroup: return leaveGroup(try LeaveGroupRequest(from: &body, version: version), context)
        case .syncGroup: return syncGroup(try SyncGroupRequest(from: &body, version: version), context)
        case .describeGroups: return describeGroups(try DescribeGroupsRequest(from: &body, version: version), context)
        case .listGroups: return listGroups(try ListGroupsRequest(from: &body, version: version), context)
        case .apiVersions: return apiVersions(try ApiVersionsRequest(from: &body, version: version))
        case .createTopics: return createTopics(try CreateTopicsRequest(from: &body, version: version), context)
        case .deleteTopics: return deleteTopics(try DeleteTopicsRequest(from: &body, version: version), context)
        case .deleteRecords: return deleteRecords(try DeleteRecordsRequest(from: &body, version: version), context)
        case .initProducerID: return initProducerID(try InitProducerIDRequest(from: &body, version: version), context)
        case .offsetForLeaderEpoch:
            return findEpochs(try OffsetForLeaderEpochRequest(from: &body, version: version))
        case .describeConfigs:
            return describeConfigs(try DescribeConfigsRequest(from: &body, version: version), context)
        case .alterConfigs: return alterConfigs(try AlterConfigsRequest(from: &body, version: version), context)
        case .alterReplicaLogDirs:
            return alterReplicaLogDirs(try AlterReplicaLogDirsRequest(from: &body, version: version), context)
        case .describeLogDirs:
            return describeLogDirs(try DescribeLogDirsRequest(from: &body, version: version), context)
        case .createPartitions:
            return createPartitions(try CreatePartitionsRequest(from: &body, version: version), context)
        case .deleteGroups: return deleteGroups(try DeleteGroupsRequest(from: &body, version: version), context)
        case .electLeaders: return electLeaders(try ElectLeadersRequest(from: &body, version: version), context)
        case .incrementalAlterConfigs:
            return incrementalAlterConfigs(try IncrementalAlterConfigsRequest(from: &body, version: version), context)
        case .alterPartitionReassignments:
            return alterPartitionReassignments(
                try AlterPartitionReassignmentsRequest(from: &body, version: version),
                context
            )
        case .listPartitionReassignments:
            return listPartitionReassignments(try ListPartitionReassignmentsRequest(from: &body, version: version))
        case .offsetDelete: return deleteOffsets(try OffsetDeleteRequest(from: &body, version: version), context)
        case .describeCluster:
            return describeCluster(try DescribeClusterRequest(from: &body, version: version), context)
        case .describeProducers:
            return describeProducers(try DescribeProducersRequest(from: &body, version: version), context)
        case .consumerGroupHeartbeat:
            return heartbeat(try ConsumerGroupHeartbeatRequest(from: &body, version: version), context)
        case .consumerGroupDescribe:
            return describeConsumerGroups(try ConsumerGroupDescribeRequest(from: &body, version: version), context)
        case .listConfigResources:
            return listConfigResources(try ListConfigResourcesRequest(from: &body, version: version), context)
        case .describeTopicPartitions:
            return describeTopicPartitions(try DescribeTopicPartitionsRequest(from: &body, version: version))
        }
    }

    /// Clients may ask for ApiVersions in a version that is not served; the answer in version 0 tells them (KIP-511). Any
    /// other version was not advertised, and the form of its answer is unknown.
    private func replyToUnsupported(_ header: RequestHeader) -> Reply {
        if header.api == .apiVersions { return .now(Answer(ApiVersionsResponse.unsupportedVersion, version: 0)) }
        return .close(header.unsupported?.description ?? "the request is not supported")
    }

    /// Runs work that may wait for the disk, away from the event loop.
    func onThreads(
        _ eventLoop: any EventLoop,
        _ work: @escaping @Sendable () -> Reply.Settled
    ) -> Reply {
        .later(threads.runIfActive(eventLoop: eventLoop, work))
    }

    /// Runs work that creates, changes or deletes topics.
    func changingTopics(
        _ eventLoop: any EventLoop,
        _ work: @escaping @Sendable () -> Reply.Settled
    ) -> Reply {
        .later(topicThreads.runIfActive(eventLoop: eventLoop, work))
    }
}

extension Broker {
    /// The APIs and versions that are served: the same table that requests are decoded by.
    func apiVersions(_ request: ApiVersionsRequest) -> Reply {
        .now(Answer(ApiVersionsResponse.supported))
    }
}

extension Array where Element: Hashable {
    /// Each element once, in the order of their first appearance. What a request names twice is answered once, as Kafka does:
    /// a name costs its sender a few bytes, and the answer to it may have megabytes.
    var withoutRepetitions: [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}

extension Array {
    /// One element for each key, with the parts that any element of this key asks for; `nil` parts ask for all. See
    /// ``withoutRepetitions``.
    func merging<Key: Hashable, Part>(
        by key: (Element) -> Key,
        _ parts: WritableKeyPath<Element, [Part]?>
    ) -> [Element] {
        var places: [Key: Int] = [:]
        var merged: [Element] = []
        for element in self {
            guard let place = places[key(element)] else {
                places[key(element)] = merged.count
                merged.append(element)
                continue
            }
            if let more = element[keyPath: parts] {
                merged[place][keyPath: parts]?.append(contentsOf: more)
            } else {
                merged[place][keyPath: parts] = nil
            }
        }
        return merged
    }
}
