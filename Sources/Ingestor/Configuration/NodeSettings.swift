import CommitLog
import NIOCore

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
            entry("num.partitions", "Partitions of a topic that nobody said a number for.") {
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
