import CommitLog
import KafkaProtocol
import Logging
import NIOCore

/// Changes of settings. What the two requests have in common: a resource that is named more than once is refused, a change
/// is made as a whole or not at all, and it is durable and in use when the answer leaves.
extension Broker {
    /// Replaces all settings of topics.
    func alterConfigs(_ request: AlterConfigsRequest, _ context: RequestContext) -> Reply {
        guard request.resources.count <= configuration.limits.partitionsMax else {
            let refused = request.resources.map {
                AlteredResource(type: $0.type, name: $0.name, errorCode: .invalidRequest)
            }
            return .now(Answer(AlterConfigsResponse(resources: refused)))
        }
        let changes = request.resources.map { resource in
            SettingsChange(type: resource.type, name: resource.name, settings: resource.entries.map(\.name)) {
                () throws(TopicRefusal) in
                var settings: [String: String] = [:]
                for entry in resource.entries {
                    guard let value = entry.value else { throw TopicRefusal(missingValueOf: entry.name) }
                    settings[entry.name] = value
                }
                return { overrides throws(LogError) in overrides = settings }
            }
        }
        return alter(changes, onlyChecks: request.validatesOnly, context) { AlterConfigsResponse(resources: $0) }
    }

    /// Changes single settings of topics.
    func incrementalAlterConfigs(_ request: IncrementalAlterConfigsRequest, _ context: RequestContext) -> Reply {
        guard request.resources.count <= configuration.limits.partitionsMax else {
            let refused = request.resources.map {
                AlteredResource(type: $0.type, name: $0.name, errorCode: .invalidRequest)
            }
            return .now(Answer(IncrementalAlterConfigsResponse(resources: refused)))
        }
        let topicNames = SettingNames(ofTopicsWith: configuration.log)
        let changes = request.resources.map { resource in
            let names = resource.type == ConfigurationResource.broker.rawValue ? SettingNames.ofNode : topicNames
            return SettingsChange(type: resource.type, name: resource.name, settings: resource.entries.map(\.name)) {
                () throws(TopicRefusal) in
                var steps: [SettingStep] = []
                for entry in resource.entries { steps.append(try SettingStep(entry)) }
                return { [steps] overrides throws(LogError) in
                    for step in steps { try step.apply(to: &overrides, names) }
                }
            }
        }
        return alter(changes, onlyChecks: request.validatesOnly, context) {
            IncrementalAlterConfigsResponse(resources: $0)
        }
    }

    private func alter(
        _ changes: [SettingsChange],
        onlyChecks: Bool,
        _ context: RequestContext,
        _ response: @escaping @Sendable ([AlteredResource]) -> some WireResponse
    ) -> Reply {
        let principal = context.origin.principal
        return changingTopics(context.eventLoop) {
            let named = Dictionary(grouping: changes, by: \.resource)
            let outcomes = changes.map(\.resource).withoutRepetitions.map { resource in
                do throws(TopicRefusal) {
                    guard let change = named[resource]?.first, named[resource]?.count == 1 else {
                        throw TopicRefusal(.invalidRequest, "it is in the request more than once")
                    }
                    try self.alter(change, by: principal, onlyChecks: onlyChecks)
                    return AlteredResource(type: resource.type, name: resource.name)
                } catch {
                    return AlteredResource(
                        type: resource.type,
                        name: resource.name,
                        errorCode: error.code,
                        errorMessage: error.description
                    )
                }
            }
            return .answer(Answer(response(outcomes)))
        }
    }

    private func alter(_ change: SettingsChange, by principal: Principal, onlyChecks: Bool) throws(TopicRefusal) {
        switch ConfigurationResource(rawValue: change.type) {
        case .topic: break
        case .broker: return try alterNode(change, by: principal, onlyChecks: onlyChecks)
        case .brokerLogger: throw TopicRefusal(.invalidRequest, "the level of the log is chosen at the start")
        case .group: throw TopicRefusal(.invalidRequest, "groups have no settings that can be changed")
        case nil:
            throw TopicRefusal(
                .invalidRequest,
                "only topics and the node have settings that can be changed, not type \(change.type)"
            )
        }
        let edit = try change.edit()
        let before = topics.topic(change.name)?.overrides ?? [:]
        try topics.alter(change.name, onlyChecks: onlyChecks, edit)
        let after = topics.topic(change.name)?.overrides ?? [:]
        // A replacement of all settings also resets those that it does not name.
        let changed = Set(before.keys).union(after.keys).filter { before[$0] != after[$0] }
        guard !changed.isEmpty else { return }
        logger.info(
            "settings of the topic changed",
            metadata: [
                LogKey.topic: "\(change.name)", LogKey.settings: "\(changed.sorted().joined(separator: ", "))",
                LogKey.principal: "\(principal)",
            ]
        )
        noticeReplicas(after.filter { changed.contains($0.key) }, of: change.name)
    }

    private func alterNode(_ change: SettingsChange, by principal: Principal, onlyChecks: Bool) throws(TopicRefusal) {
        guard change.name.isEmpty || change.name == String(ClusterIdentity.nodeID) else {
            throw TopicRefusal(.invalidRequest, "there is one node, number \(ClusterIdentity.nodeID)")
        }
        guard change.settings.allSatisfy(LiveSettings.isLive) else {
            throw TopicRefusal(
                .invalidRequest,
                "of the settings of the node only \(LiveSettings.offsetsRetention) can be changed while it runs; the others "
                    + "are in its configuration, which it reads at its start"
            )
        }
        let scope = change.name.isEmpty ? LiveSettings.Scope.all : .node
        let changed = try liveSettings.change(scope, onlyChecks: onlyChecks, try change.edit())
        guard !changed.isEmpty else { return }
        logger.info(
            "settings of the node changed",
            metadata: [
                LogKey.settings: "\(changed.sorted().joined(separator: ", "))", LogKey.principal: "\(principal)",
            ]
        )
    }

    /// Logs that a setting is kept which no single node can honour, as Kafka keeps it.
    func noticeReplicas(_ settings: [String: String], of topic: String) {
        guard let count = settings["min.insync.replicas"].flatMap({ Int($0) }), count > 1 else { return }
        logger.notice(
            "min.insync.replicas is kept, and there is one node: records are acknowledged when this node has them",
            metadata: [LogKey.topic: "\(topic)"]
        )
    }
}

/// What a request changes of one resource.
private struct SettingsChange: Sendable {
    struct Resource: Hashable, Sendable {
        let type: Int8
        let name: String
    }

    let resource: Resource
    /// The names of the settings in the request.
    let settings: [String]
    private let makeEdit: @Sendable () throws(TopicRefusal) -> (inout [String: String]) throws(LogError) -> Void

    var type: Int8 { resource.type }
    var name: String { resource.name }

    /// The change of what was set; throws where the request is malformed.
    func edit() throws(TopicRefusal) -> (inout [String: String]) throws(LogError) -> Void {
        guard Set(settings).count == settings.count else {
            throw TopicRefusal(.invalidRequest, "a setting is in the request more than once")
        }
        return try makeEdit()
    }

    init(
        type: Int8,
        name: String,
        settings: [String],
        _ edit: @escaping @Sendable () throws(TopicRefusal) -> (inout [String: String]) throws(LogError) -> Void
    ) {
        resource = Resource(type: type, name: name)
        self.settings = settings
        makeEdit = edit
    }
}

/// Which settings a resource has, and which of them are lists.
private struct SettingNames: Sendable {
    /// `a topic` or `the node`.
    let owner: String
    let has: @Sendable (String) -> Bool
    /// The value of a list where it was not set; `nil` for other settings.
    let list: @Sendable (String) -> String?

    static let ofNode = SettingNames(owner: "the node", has: LiveSettings.isLive, list: { _ in nil })

    private init(
        owner: String,
        has: @escaping @Sendable (String) -> Bool,
        list: @escaping @Sendable (String) -> String?
    ) {
        (self.owner, self.has, self.list) = (owner, has, list)
    }

    init(ofTopicsWith defaults: LogConfiguration) {
        self.init(owner: "a topic", has: { TopicSetting.named($0) != nil }) { name in
            TopicSetting.named(name).flatMap { $0.type == .list ? $0.value(in: defaults) : nil }
        }
    }
}

/// One change of IncrementalAlterConfigs.
private enum SettingStep {
    case set(String, String)
    case delete(String)
    case append(String, [String])
    case subtract(String, [String])

    init(_ entry: IncrementalAlterConfigsRequest.Entry) throws(TopicRefusal) {
        guard let operation = ConfigurationOperation(rawValue: entry.operation) else {
            throw TopicRefusal(
                .invalidRequest,
                "operation \(entry.operation) is unknown: 0 sets, 1 deletes, 2 appends, 3 subtracts"
            )
        }
        if operation == .delete {
            self = .delete(entry.name)
            return
        }
        guard let value = entry.value else { throw TopicRefusal(missingValueOf: entry.name) }
        switch operation {
        case .set, .delete: self = .set(entry.name, value)
        case .append: self = .append(entry.name, Self.elements(value))
        case .subtract: self = .subtract(entry.name, Self.elements(value))
        }
    }

    private static func elements(_ text: String) -> [String] { text.split(separator: ",").map(String.init) }

    func apply(to overrides: inout [String: String], _ names: SettingNames) throws(LogError) {
        switch self {
        case .set(let name, let value): overrides[name] = value
        case .delete(let name):
            guard names.has(name) else {
                throw LogError(.invalidConfiguration, "\(names.owner) has no setting '\(name)'")
            }
            overrides[name] = nil
        case .append(let name, let elements):
            let list = try Self.list(name, overrides, names)
            overrides[name] = (list + elements).withoutRepetitions.joined(separator: ",")
        case .subtract(let name, let elements):
            let list = try Self.list(name, overrides, names)
            overrides[name] = list.filter { !elements.contains($0) }.joined(separator: ",")
        }
    }

    private static func list(
        _ name: String,
        _ overrides: [String: String],
        _ names: SettingNames
    ) throws(LogError) -> [String] {
        guard let usual = names.list(name) else {
            throw LogError(.invalidConfiguration, "'\(name)' is not a list: it can be set and deleted only")
        }
        return elements(overrides[name] ?? usual)
    }
}

extension TopicRefusal {
    fileprivate init(missingValueOf setting: String) {
        self.init(.invalidRequest, "the setting '\(setting)' has no value")
    }
}
