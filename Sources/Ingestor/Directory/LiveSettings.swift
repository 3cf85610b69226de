import CommitLog
import Files
import KafkaProtocol
import NIOCore
import Synchronization
import SystemPackage

/// The settings of the node that clients may change while it runs: those that are in use at once. The others are in the
/// configuration, which is read at the start.
///
///     <directory>/node-settings.json     a `StateFile` of the kind `node-settings`
///
///     {"all":{"offsets.retention.minutes":"20160"},"node":{}}
///
/// `node` has what was set for this node, `all` what was set for all nodes of the cluster, of which there is one; the first
/// is the stronger one, and either is stronger than the configuration. A change is on the device before it is in use.
final class LiveSettings: Sendable {
    /// Whose settings a client changes. Kafka names the node by its number, all of them by an empty name.
    enum Scope: Sendable { case node, all }

    private struct Content: Codable, Equatable, Sendable {
        var all: [String: String] = [:]
        var node: [String: String] = [:]

        subscript(scope: Scope) -> [String: String] {
            get { scope == .node ? node : all }
            set { if scope == .node { node = newValue } else { all = newValue } }
        }
    }

    /// How long the offsets of a group without members are kept.
    static let offsetsRetention = "offsets.retention.minutes"

    private let file: StateFile
    private let content: Mutex<Content>
    /// Held while a change is made. Taken before `content`.
    private let changing = Mutex(())

    init(at path: FilePath, disk: Disk = Disk()) throws(IngestorError) {
        file = StateFile(
            path,
            kind: "node-settings",
            version: 2,
            cure: "Move it away: the settings are then those of the configuration",
            disk: disk
        )
        var content = Content()
        do throws(FileError) {
            switch try file.read() {
            case .absent: break
            case .payload(let bytes, _):
                guard let read = JSONState.value(Content.self, bytes),
                    [read.all, read.node].allSatisfy(Self.isPossible)
                else { throw file.damaged("it does not hold settings of the node") }
                content = read
            case .headerless: throw file.damaged("it has no header")
            }
        } catch {
            throw IngestorError(error)
        }
        self.content = Mutex(content)
    }

    /// Whether a setting is one of these.
    static func isLive(_ name: String) -> Bool { name == offsetsRetention }

    private static func isPossible(_ settings: [String: String]) -> Bool {
        settings.allSatisfy { isLive($0.key) && minutes($0.value) != nil }
    }

    private static func minutes(_ text: String) -> Int? {
        Int(text).flatMap { IngestorLimits.offsetsRetentionMinutesBounds.contains($0) ? $0 : nil }
    }

    /// How long offsets are kept; `nil` where the configuration says it.
    var offsetsRetention: TimeAmount? {
        let text = content.withLock { $0.node[Self.offsetsRetention] ?? $0.all[Self.offsetsRetention] }
        return text.flatMap(Self.minutes).map { .minutes(Int64($0)) }
    }

    /// Changes what was set, durably, and uses it.
    ///
    /// - Parameter change: Makes the new settings from those that were set.
    /// - Returns: the names of the settings that are others now.
    /// - Throws: where nothing is changed.
    func change(
        _ scope: Scope,
        onlyChecks: Bool,
        _ change: (inout [String: String]) throws(LogError) -> Void
    ) throws(TopicRefusal) -> Set<String> {
        try changing.withLock { _ throws(TopicRefusal) in
            let before = content.withLock { $0 }
            var after = before
            do throws(LogError) { try change(&after[scope]) } catch { throw TopicRefusal(error) }
            for (name, value) in after[scope] where !Self.isPossible([name: value]) {
                let bounds = IngestorLimits.offsetsRetentionMinutesBounds
                throw TopicRefusal(
                    .invalidConfig,
                    "'\(name)' must be a number of minutes from \(bounds.lowerBound) to \(bounds.upperBound), not '\(value)'"
                )
            }
            if onlyChecks || after == before { return [] }
            do throws(FileError) {
                try file.write(JSONState.bytes(after))
            } catch {
                throw TopicRefusal(.kafkaStorageError, "the settings are as they were: \(IngestorError(error))")
            }
            content.withLock { $0 = after }
            let names = Set(before[scope].keys).union(after[scope].keys)
            return names.filter { before[scope][$0] != after[scope][$0] }
        }
    }

    /// A setting of the node as clients see it: what was set while it ran comes before what the configuration says.
    func completed(_ entry: LogConfigurationEntry) -> LogConfigurationEntry {
        guard Self.isLive(entry.name) else { return entry }
        let (node, all) = content.withLock { ($0.node[entry.name], $0.all[entry.name]) }
        let set: [LogConfigurationEntry.Source?] = [
            node.map { .init(.dynamicBroker, name: entry.name, value: $0) },
            all.map { .init(.dynamicDefaultBroker, name: entry.name, value: $0) },
        ]
        return LogConfigurationEntry(
            name: entry.name,
            sources: set.compactMap(\.self) + entry.sources,
            type: entry.type,
            documentation: entry.documentation
        )
    }
}
