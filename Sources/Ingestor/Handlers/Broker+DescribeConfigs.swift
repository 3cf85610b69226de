import CommitLog
import KafkaProtocol

extension Broker {
    /// Tells the settings of topics and of this node; among them how and when records reach the disk.
    func describeConfigs(_ request: DescribeConfigsRequest) -> Reply {
        var response = DescribeConfigsResponse()
        var bytesLeft = configuration.limits.describedBytesMax
        response.results = Self.merged(request.resources).map { resource in
            var result = DescribeConfigsResponse.DescribeConfigsResult(
                errorCode: .none,
                resourceType: resource.type,
                resourceName: resource.name
            )
            switch ConfigurationResource(rawValue: resource.type) {
            case .topic:
                guard let settings = topics.settings(of: resource.name) else {
                    result.errorCode = .unknownTopicOrPartition
                    result.errorMessage = "there is no topic of this name"
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

    /// Each resource once, with all entries that are asked for: see ``Swift/Array/withoutRepetitions``.
    private static func merged(
        _ resources: [DescribeConfigsRequest.Resource]
    ) -> [DescribeConfigsRequest.Resource] {
        struct Identity: Hashable {
            let type: Int8
            let name: String
        }
        var places: [Identity: Int] = [:]
        var merged: [DescribeConfigsRequest.Resource] = []
        for resource in resources {
            let identity = Identity(type: resource.type, name: resource.name)
            if let place = places[identity] {
                if let keys = resource.keys {
                    merged[place].keys?.append(contentsOf: keys)
                } else {
                    merged[place].keys = nil
                }
            } else {
                places[identity] = merged.count
                merged.append(resource)
            }
        }
        return merged
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
