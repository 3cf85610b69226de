import FoundationEssentials
import NIOCore
import SystemPackage

/// Which topics a root has: the file `topics.json`, replaced as a whole. What it says is what exists; a directory of a
/// partition that it does not name belongs to an operation that a crash interrupted.
struct TopicList: Codable, Hashable, Sendable {
    static let fileName = "topics.json"
    static let formatNow = 1

    var format = formatNow
    /// By name.
    var topics: [String: TopicMetadata] = [:]
    /// Directories of partitions whose topic is deleted and that may still have their name. They are deleted when the
    /// root is opened.
    var deletions: Set<String> = []

    func save(in root: FilePath, calls: DiskCalls) throws(LogError) {
        let data: Data
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            data = try encoder.encode(self)
        } catch {
            preconditionFailure("a list of topics has only texts and numbers, and did not encode: \(error)")
        }
        let path = root.appending(Self.fileName)
        try Disk.replace(path, with: ByteBuffer(bytes: data), durably: true, calls: calls)
    }

    /// The list of a root, an empty one where there is none yet.
    ///
    /// - Throws: ``LogError/Code/damaged`` where it cannot be read: without it nothing may be decided about partitions.
    static func load(from root: FilePath) throws(LogError) -> TopicList {
        let path = root.appending(fileName)
        guard let bytes = try Disk.contents(of: path) else { return TopicList() }
        do {
            let list = try JSONDecoder().decode(Self.self, from: Data(bytes.readableBytesView))
            if list.format == formatNow { return list }
        } catch {
            throw LogError(
                .damaged,
                "the list of topics \(path) cannot be read: \(error). Put it right by hand or from a backup; the "
                    + "records in the directories beside it are not touched"
            )
        }
        throw LogError(.damaged, "the list of topics \(path) is of another version. Use the program that wrote it")
    }
}
