import CommitLog
import KafkaProtocol
import NIOCore

extension Broker {
    /// The configurations of topics, of this node, of its log and of groups; among them how and when records reach the
    /// disk.
    func describeConfigs(_ request: DescribeConfigsRequest, _ context: RequestContext) -> Reply {
        let route = ClientRoute(context)
        return onThreads(context.eventLoop) {
            var bytesLeft = self.configuration.limits.describedBytesMax
            var resources = request.resources
            // As in Kafka, an empty list of names asks for all settings.
            for place in resources.indices where resources[place].keys?.isEmpty == true { resources[place].keys = nil }
            resources = resources.merging(by: { ResourceIdentity(type: $0.type, name: $0.name) }, \.keys)
            var response = DescribeConfigsResponse()
            response.results = resources.map { resource in
                var result = DescribeConfigsResponse.DescribeConfigsResult(
                    errorCode: .none,
                    resourceType: resource.type,
                    resourceName: resource.name
                )
                do throws(TopicRefusal) {
                    var entries = bytesLeft < 0 ? [] : try self.entries(of: resource, route)
                    if let keys = resource.keys.map(Set.init) { entries.removeAll { !keys.contains($0.name) } }
                    result.entries = entries.map { Self.described($0, request) }
                    bytesLeft -= result.entries.reduce(0) { $0 + Self.byteCount($1) }
                    guard bytesLeft >= 0 else {
                        throw TopicRefusal(
                            .invalidRequest,
                            "this is more than one answer may have: ask for fewer topics at a time"
                        )
                    }
                } catch {
                    result.entries = []
                    result.errorCode = error.code
                    result.errorMessage = error.description
                }
                return result
            }
            return .answer(Answer(response))
        }
    }

    /// What has settings: the node, its log and the topics. Groups have none of their own, and clients send no metrics.
    func listConfigResources(_ request: ListConfigResourcesRequest, _ context: RequestContext) -> Reply {
        onThreads(context.eventLoop) {
            var response = ListConfigResourcesResponse()
            let known = [ConfigurationResource.broker, .brokerLogger, .topic, .group].map(\.rawValue)
            let metrics = ListConfigResourcesResponse.Resource.clientMetrics
            guard Set(request.types).isSubset(of: known + [metrics]) else {
                response.errorCode = .unsupportedVersion
                return .answer(Answer(response))
            }
            // Version 0 is about metrics alone.
            if context.version == 0 { return .answer(Answer(response)) }
            let isWanted = { (type: ConfigurationResource) in
                request.types.isEmpty || request.types.contains(type.rawValue)
            }
            let node = String(ClusterIdentity.nodeID)
            for type in [ConfigurationResource.brokerLogger, .broker] where isWanted(type) {
                response.resources.append(.init(name: node, type: type))
            }
            if isWanted(.topic) {
                response.resources += self.topics.all.map { .init(name: $0.name, type: .topic) }
            }
            return .answer(Answer(response))
        }
    }

    /// What makes two resources of a request the same.
    private struct ResourceIdentity: Hashable {
        let type: Int8
        let name: String
    }

    private func entries(
        of resource: DescribeConfigsRequest.Resource,
        _ route: ClientRoute
    ) throws(TopicRefusal) -> [LogConfigurationEntry] {
        switch ConfigurationResource(rawValue: resource.type) {
        case .topic:
            guard let settings = topics.settings(of: resource.name) else { throw .unknown }
            return settings
        case .broker:
            if resource.name.isEmpty { return clusterSettings(route) }
            try requireNode(resource.name)
            return nodeSettings(route)
        case .brokerLogger:
            try requireNode(resource.name)
            return loggerSettings
        case .group:
            guard !resource.name.isEmpty else { throw TopicRefusal(.invalidRequest, "a group has a name") }
            return groupSettings(route)
        case nil:
            throw TopicRefusal(
                .invalidRequest,
                "only topics, nodes, their logs and groups have settings here, not type \(resource.type)"
            )
        }
    }

    private func requireNode(_ name: String) throws(TopicRefusal) {
        guard name == String(ClusterIdentity.nodeID) else {
            throw TopicRefusal(.invalidRequest, "there is one node, number \(ClusterIdentity.nodeID)")
        }
    }

    private static func described(
        _ entry: LogConfigurationEntry,
        _ request: DescribeConfigsRequest
    ) -> DescribeConfigsResponse.Entry {
        var synonyms: [DescribeConfigsResponse.Synonym] = []
        if request.includesSynonyms {
            synonyms = entry.sources.map { .init(name: $0.name, value: $0.value, source: $0.place.rawValue) }
        }
        return DescribeConfigsResponse.Entry(
            name: entry.name,
            value: entry.value,
            isReadOnly: entry.isReadOnly,
            source: entry.source.rawValue,
            synonyms: synonyms,
            type: entry.type.rawValue,
            documentation: request.includesDocumentation ? entry.documentation : nil
        )
    }

    private static func byteCount(_ entry: DescribeConfigsResponse.Entry) -> Int {
        let synonyms = entry.synonyms.reduce(0) { $0 + $1.name.utf8.count + ($1.value?.utf8.count ?? 0) }
        let own = entry.name.utf8.count + (entry.value?.utf8.count ?? 0)
        return own + synonyms + (entry.documentation?.utf8.count ?? 0)
    }
}
