import CommitLog
import KafkaProtocol
import NIOCore

extension Broker {
    /// The configurations of topics and of this node; among them how and when records reach the disk.
    func describeConfigs(_ request: DescribeConfigsRequest) -> Reply {
        var response = DescribeConfigsResponse()
        var bytesLeft = configuration.limits.describedBytesMax
        let resources = request.resources.merging(by: { ResourceIdentity(type: $0.type, name: $0.name) }, \.keys)
        response.results = resources.map { resource in
            var result = DescribeConfigsResponse.DescribeConfigsResult(
                errorCode: .none,
                resourceType: resource.type,
                resourceName: resource.name
            )
            switch ConfigurationResource(rawValue: resource.type) {
            case .topic:
                guard let settings = topics.settings(of: resource.name) else {
                    result.errorCode = .unknownTopicOrPartition
                    result.errorMessage = "the topic does not exist"
                    break
                }
                result.entries = Self.entries(settings, chosen: .topic, request)
            case .broker:
                guard resource.name == String(ClusterIdentity.nodeID) else {
                    result.errorCode = .invalidRequest
                    result.errorMessage = "there is one node, number \(ClusterIdentity.nodeID)"
                    break
                }
                result.entries = Self.entries(nodeSettings, chosen: .staticBroker, request)
            case nil:
                result.errorCode = .invalidRequest
                result.errorMessage = "only topics and nodes have settings here, not type \(resource.type)"
            }
            if let keys = resource.keys.map(Set.init) { result.entries.removeAll { !keys.contains($0.name) } }
            bytesLeft -= result.entries.reduce(0) { $0 + Self.byteCount($1) }
            if bytesLeft < 0 {
                result.entries = []
                result.errorCode = .invalidRequest
                result.errorMessage = "this is more than one answer may have: ask for fewer topics at a time"
            }
            return result
        }
        return .now(Answer(response))
    }

    /// What makes two resources of a request the same.
    private struct ResourceIdentity: Hashable {
        let type: Int8
        let name: String
    }

    private static func entries(
        _ settings: [LogConfigurationEntry],
        chosen: ConfigurationSource,
        _ request: DescribeConfigsRequest
    ) -> [DescribeConfigsResponse.Entry] {
        settings.map { setting in
            let source = setting.isDefault ? ConfigurationSource.defaultValue : chosen
            return DescribeConfigsResponse.Entry(
                name: setting.name,
                value: setting.value,
                isReadOnly: chosen == .staticBroker || setting.isReadOnly,
                source: source.rawValue,
                synonyms: request.includesSynonyms
                    ? [.init(name: setting.name, value: setting.value, source: source.rawValue)] : [],
                type: type(of: setting).rawValue,
                documentation: request.includesDocumentation ? setting.documentation : nil
            )
        }
    }

    private static func byteCount(_ entry: DescribeConfigsResponse.Entry) -> Int {
        let own = entry.name.utf8.count + (entry.value?.utf8.count ?? 0)
        return own * (1 + entry.synonyms.count) + (entry.documentation?.utf8.count ?? 0)
    }

    private static func type(of setting: LogConfigurationEntry) -> ConfigurationType {
        if setting.value == "true" || setting.value == "false" { return .boolean }
        if setting.name == "cleanup.policy" { return .list }
        return Int64(setting.value) == nil ? .string : .long
    }
}

extension Broker {
    /// The node's own settings by Kafka's names, and those that new topics get, by the names that Kafka has for these on a
    /// node (`log.` before the topic's).
    var nodeSettings: [LogConfigurationEntry] {
        let standard = IngestorConfiguration(directory: configuration.directory)
        func entry(_ name: String, _ documentation: String, _ text: (IngestorConfiguration) -> String)
            -> LogConfigurationEntry
        {
            LogConfigurationEntry(
                name: name,
                value: text(configuration),
                isDefault: text(configuration) == text(standard),
                documentation: documentation
            )
        }
        let own = [
            entry("auto.create.topics.enable", "Whether a topic is made when it is first asked for.") {
                String($0.createsTopicsOnFirstUse)
            },
            entry("broker.id", "The number of this node.") { _ in String(ClusterIdentity.nodeID) },
            entry("group.initial.rebalance.delay.ms", "How long a new group waits for more members.") {
                String($0.groups.initialRebalanceDelay.nanoseconds / 1_000_000)
            },
            entry("log.flush.policy", "When records are forced to disk: os, interval or always.") {
                $0.log.flushPolicy.description
            },
            entry("max.connections", "Connections served at a time.") { String($0.limits.connectionsMax) },
            entry("num.partitions", "The number of partitions of a new topic whose request names none.") {
                String($0.partitionCount)
            },
            entry("offsets.retention.minutes", "How long the offsets of a group without members are kept.") {
                String($0.limits.offsetsRetention.nanoseconds / 60_000_000_000)
            },
            entry("queued.max.request.bytes", "Memory for requests under way.") {
                String($0.limits.requestMemoryBytesMax)
            },
            entry("socket.request.max.bytes", "The greatest request.") { String($0.limits.requestBytesMax) },
        ]
        return own
            + configuration.log.entries(defaults: LogConfiguration()).map { setting in
                LogConfigurationEntry(
                    name: Self.nodeName(ofTopicSetting: setting.name),
                    value: setting.value,
                    isDefault: setting.isDefault,
                    documentation: setting.documentation
                )
            }
    }

    private static func nodeName(ofTopicSetting name: String) -> String {
        switch name {
        case "flush.messages": "log.flush.interval.messages"
        case "flush.ms": "log.flush.interval.ms"
        case "segment.ms": "log.roll.ms"
        case "max.message.bytes": "message.max.bytes"
        case "compression.type", "min.insync.replicas": name
        default: "log." + name
        }
    }
}
