import CommitLog
import KafkaProtocol
import Logging
import NIOCore

/// What clients see in DescribeConfigs beside the settings of topics. But for the ``LiveSettings`` all of it is read-only: it
/// is in the configuration that the ingestor was started with.
extension Broker {
    /// The node's own settings by Kafka's names, and those that new topics get, by the names that Kafka has for these on a
    /// node.
    func nodeSettings(_ route: ClientRoute) -> [LogConfigurationEntry] {
        let own = NodeSettings(configuration, route)
        return (own.entries + configuration.log.nodeEntries).map(liveSettings.completed).sorted { $0.name < $1.name }
    }

    /// What was set for all nodes while they ran.
    func clusterSettings(_ route: ClientRoute) -> [LogConfigurationEntry] {
        nodeSettings(route).compactMap { entry in
            let sources = entry.sources.filter { $0.place == .dynamicDefaultBroker }
            if sources.isEmpty { return nil }
            return LogConfigurationEntry(
                name: entry.name,
                sources: sources,
                type: entry.type,
                documentation: entry.documentation
            )
        }
    }

    /// The levels of the log, by logger. There is one logger, which Kafka calls `root`.
    var loggerSettings: [LogConfigurationEntry] {
        let level = "\(logger.logLevel)".uppercased()
        return [
            LogConfigurationEntry(
                name: "root",
                sources: [.init(.staticBroker, name: "root", value: level == "WARNING" ? "WARN" : level)],
                type: .string,
                isReadOnly: true,
                documentation: "The least level of messages that are logged."
            )
        ]
    }

    /// The settings of a group of the protocol of KIP-848: those of the node, as a group has none of its own here. Members of
    /// the classic protocol bring their own times.
    func groupSettings(_ route: ClientRoute) -> [LogConfigurationEntry] {
        let prefix = "group."
        return nodeSettings(route).filter { $0.name.hasPrefix(prefix + "consumer.") }.filter {
            $0.name.hasSuffix("interval.ms") || $0.name.hasSuffix("timeout.ms")
        }.map { entry in
            LogConfigurationEntry(
                name: String(entry.name.dropFirst(prefix.count)),
                sources: entry.sources,
                type: entry.type,
                isReadOnly: true,
                documentation: entry.documentation
            )
        }
    }
}

/// The listener that a client came by, and the address that it is told.
struct ClientRoute: Sendable {
    private let listener: String
    private let address: ListenAddress

    init(_ context: RequestContext) {
        listener = context.origin.listener
        address = context.advertised
    }

    /// What clients of a listener are told; of one without an advertised address each is told the one it came by.
    func advertised(_ other: ListenerConfiguration) -> ListenAddress {
        other.name == listener ? address : other.route ?? other.listen
    }
}

/// The settings of the node as texts.
private struct NodeSettings {
    private let configuration: IngestorConfiguration
    private let standard: IngestorConfiguration
    private let route: ClientRoute

    init(_ configuration: IngestorConfiguration, _ route: ClientRoute) {
        self.configuration = configuration
        standard = IngestorConfiguration(directory: configuration.directory)
        self.route = route
    }

    var entries: [LogConfigurationEntry] { identity + connections + topics + groups }

    private func entry(
        _ name: String,
        _ type: ConfigurationType,
        _ documentation: String,
        _ text: (IngestorConfiguration) -> String
    ) -> LogConfigurationEntry {
        let (value, usual) = (text(configuration), text(standard))
        let last = LogConfigurationEntry.Source(.defaultValue, name: name, value: usual)
        return LogConfigurationEntry(
            name: name,
            sources: value == usual ? [last] : [.init(.staticBroker, name: name, value: value), last],
            type: type,
            isReadOnly: true,
            documentation: documentation
        )
    }

    private var identity: [LogConfigurationEntry] {
        let node = String(ClusterIdentity.nodeID)
        return [
            // By the client's own address every configuration would look usual: the usual one has its own.
            entry("advertised.listeners", .list, "Where clients are told to connect.") {
                $0.listeners == standard.listeners ? list($0) { "\($0.name)://\($0.listen)" } : advertised
            },
            entry("authorizer.class.name", .string, "There is no authorizer: all may do everything.") { _ in "" },
            entry("broker.id", .int, "The number of this node.") { _ in node },
            entry("inter.broker.listener.name", .string, "There are no other nodes.") {
                $0.listeners.first?.name ?? ""
            },
            entry("listener.security.protocol.map", .string, "No listener encrypts or authenticates.") {
                list($0) { "\($0.name):PLAINTEXT" }
            },
            entry("listeners", .list, "Where the node listens.") { list($0) { "\($0.name)://\($0.listen)" } },
            entry("log.dirs", .list, "The data directory.") { $0.directory },
            entry("node.id", .int, "The number of this node.") { _ in node },
            entry("process.roles", .list, "The node keeps records and topics.") { _ in "broker,controller" },
        ]
    }

    private var advertised: String { list(configuration) { "\($0.name)://\(route.advertised($0))" } }

    private func list(_ configuration: IngestorConfiguration, _ text: (ListenerConfiguration) -> String) -> String {
        configuration.listeners.map(text).joined(separator: ",")
    }

    private var connections: [LogConfigurationEntry] {
        [
            entry("connections.max.idle.ms", .long, "How long a connection may be idle.") {
                milliseconds($0.limits.connectionIdleTimeout)
            },
            entry("fetch.max.bytes", .int, "Record bytes in one answer.") { String($0.limits.fetchBytesMax) },
            entry("max.connections", .int, "Connections served at a time.") { String($0.limits.connectionsMax) },
            entry("queued.max.request.bytes", .long, "Memory for requests under way.") {
                String($0.limits.requestMemoryBytesMax)
            },
            entry("socket.request.max.bytes", .int, "The greatest request.") { String($0.limits.requestBytesMax) },
        ]
    }

    private var topics: [LogConfigurationEntry] {
        [
            entry("auto.create.topics.enable", .boolean, "Whether a topic is made when it is first asked for.") {
                String($0.createsTopicsOnFirstUse)
            },
            entry("default.replication.factor", .int, "There is one node.") { _ in "1" },
            entry("delete.topic.enable", .boolean, "Topics can be deleted.") { _ in "true" },
            entry("log.flush.policy", .string, "When records are forced to disk: os, interval or always.") {
                $0.log.flushPolicy.description
            },
            entry("log.retention.check.interval.ms", .long, "How often old records are looked for.") {
                milliseconds($0.maintenanceInterval)
            },
            entry("num.partitions", .int, "The number of partitions of a new topic whose request names none.") {
                String($0.partitionCount)
            },
        ]
    }

    private var groups: [LogConfigurationEntry] {
        [
            entry("group.consumer.assignors", .list, "Who can divide partitions in the newer group protocol.") { _ in
                PartitionAssignor.allCases.map(\.rawValue).joined(separator: ",")
            },
            entry("group.consumer.heartbeat.interval.ms", .int, "How often a member of the newer protocol is heard.") {
                milliseconds($0.groups.consumerHeartbeatInterval)
            },
            entry("group.consumer.max.size", .int, "The most members of a group of the newer protocol.") {
                String($0.groups.membersMax)
            },
            entry("group.consumer.migration.policy", .string, "Which protocol a group with members can change to.") {
                $0.groups.migrationPolicy.rawValue
            },
            entry("group.consumer.session.timeout.ms", .int, "How long a member of the newer protocol may be silent.") {
                milliseconds($0.groups.consumerSessionTimeout)
            },
            entry("group.coordinator.rebalance.protocols", .list, "The group protocols.") { _ in "classic,consumer" },
            entry("group.initial.rebalance.delay.ms", .int, "How long a new group waits for more members.") {
                milliseconds($0.groups.initialRebalanceDelay)
            },
            entry("group.max.session.timeout.ms", .int, "The longest session that a member may ask for.") {
                milliseconds($0.groups.sessionTimeoutMax)
            },
            entry("group.max.size", .int, "The most members of a group.") { String($0.groups.membersMax) },
            entry("group.min.session.timeout.ms", .int, "The shortest session that a member may ask for.") {
                milliseconds($0.groups.sessionTimeoutMin)
            },
            entry("offset.metadata.max.bytes", .int, "Bytes of the text that is committed with an offset.") {
                String($0.limits.offsetMetadataBytesMax)
            },
            entry(LiveSettings.offsetsRetention, .int, "How long the offsets of a group without members are kept.") {
                String($0.limits.offsetsRetentionMinutes)
            },
            entry("offsets.topic.num.partitions", .int, "Partitions of the topic of committed offsets.") { _ in "1" },
            entry("offsets.topic.replication.factor", .short, "There is one node.") { _ in "1" },
            entry("offsets.topic.segment.bytes", .int, "The largest segment of the topic of committed offsets.") { _ in
                String(OffsetStore.segmentBytes)
            },
        ]
    }

    private func milliseconds(_ time: TimeAmount) -> String { String(time.nanoseconds / 1_000_000) }
}
