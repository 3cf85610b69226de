import Files
package import KafkaProtocol
package import KafkaTopics
import SystemPackage

/// The topics of a root: the file `topics.json`, a `StateFile` of the kind `topics` whose payload is this value as
/// JSON. What it lists exists; a directory of a partition that it does not name belongs to an operation that a
/// crash interrupted.
///
/// A program of format 1 refuses this file: the header in front is not the JSON that it expects. Version 3 has topics of
/// the ingestor's own, whose records say what other files said before: a program that does not know them refuses it. Without
/// such a topic version 2 is written.
struct TopicList: Codable, Hashable, Sendable {
    static let fileName = "topics.json"

    /// By name.
    var topics: [String: TopicMetadata] = [:]
    /// Directories of partitions whose topic is deleted and that may still have their name. They are deleted when the
    /// root is opened.
    var deletions: Set<String> = []

    /// The topics' names by their ids.
    var names: [KafkaUUID: String] { Dictionary(topics.values.map { ($0.id, $0.name) }) { first, _ in first } }

    /// The partitions of all topics that are not internal.
    var partitionCount: Int { topics.values.reduce(0) { $0 + ($1.isInternal ? 0 : Int($1.partitionCount)) } }

    /// Whether there can be such topics.
    private var isPossible: Bool {
        topics.allSatisfy { name, topic in
            name == topic.name && TopicName.problem(with: name) == nil
                && 1...LogLimits.partitionsPerTopicMax ~= topic.partitionCount
        }
    }

    private static func file(in root: FilePath, _ disk: Disk, version: Int = 3) -> StateFile {
        StateFile(
            root.appending(fileName),
            kind: "topics",
            version: version,
            cure: "Restore it from a backup; the records in the directories beside it are not touched",
            disk: disk
        )
    }

    func save(in root: FilePath, disk: Disk) throws(FileError) {
        let version = topics.values.contains(where: \.isInternal) ? 3 : 2
        try Self.file(in: root, disk, version: version).write(JSONState.bytes(self))
    }

    /// The list of a root, an empty one where there is none yet.
    ///
    /// - Returns: the list, and whether it is to be saved before anything else is written: topics of format 1 have just
    ///   got their ids.
    /// - Throws: ``FileError/Code/damaged`` where it cannot be read: without it nothing may be decided about partitions.
    static func load(from root: FilePath, disk: Disk) throws(FileError) -> (list: TopicList, isMigrated: Bool) {
        let file = file(in: root, disk)
        switch try file.read() {
        case .absent: return (TopicList(), false)
        case .payload(let bytes, _):
            guard let list = JSONState.value(TopicList.self, bytes), list.isPossible else {
                throw file.damaged("it is not a list of topics")
            }
            return (list, false)
        case .headerless(let bytes):
            guard let format = JSONState.value(FirstFormat.self, bytes)?.format else {
                throw file.damaged("it is not a list of topics")
            }
            guard format == 1 else {
                throw FileError(
                    .unknownFormat,
                    file.path,
                    "\(file.path) has the format \(format), which this program does not know",
                    cure: "Use the program that wrote it"
                )
            }
            guard let list = JSONState.value(TopicList.self, bytes), list.isPossible else {
                throw file.damaged("it is not a list of topics")
            }
            return (list, true)
        }
    }
}

/// A topic of a ``LogManager``.
package struct TopicMetadata: Codable, Hashable, Sendable {
    package let name: String
    /// Tells this topic from another one that had or will have its name.
    package let id: KafkaUUID
    /// How many partitions it has, numbered from 0.
    package internal(set) var partitionCount: Int32
    /// Settings that were chosen for it, by Kafka's names; see ``LogConfiguration/applying(_:)``.
    package internal(set) var overrides: [String: String]
    /// Set for a topic of the ingestor's own only.
    private let isOwn: Bool?
    /// Whether it is the ingestor's own: it keeps its state in it.
    package var isInternal: Bool { isOwn == true }

    init(
        name: String,
        id: KafkaUUID = .random(),
        partitionCount: Int32,
        overrides: [String: String],
        isInternal: Bool = false
    ) {
        self.name = name
        self.id = id
        self.partitionCount = partitionCount
        self.overrides = overrides
        isOwn = isInternal ? true : nil
    }

    /// Topics of format 1 have no id: they get one now.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        name = try container.decode(String.self, forKey: .name)
        id = try container.decodeIfPresent(KafkaUUID.self, forKey: .id) ?? .random()
        partitionCount = try container.decode(Int32.self, forKey: .partitionCount)
        overrides = try container.decode([String: String].self, forKey: .overrides)
        isOwn = try container.decodeIfPresent(Bool.self, forKey: .isOwn)
    }

    /// Its partitions, in order.
    package var partitions: [TopicPartition] {
        (0..<partitionCount).map { TopicPartition(topic: name, partition: $0) }
    }
}
