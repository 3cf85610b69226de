import Files
import KafkaTopics
import SystemPackage

/// Up to where the partitions of a root may have compressed batches that were never checked: the root was made by a
/// version that took them unread.
///
///     <root>/unchecked-batches.json     a state file: for each such partition the offset after them
///
/// It is written when this version first opens a root, and does not change: batches that came later were checked. Where
/// it is missing or damaged, all that is there is taken for unread, which costs time and nothing else.
struct UncheckedBatches: Codable, Hashable, Sendable {
    /// By the name of the partition's directory.
    var endOffsets: [String: Int64]

    /// - Returns: what the file holds, and whether it was written just now.
    static func load(
        from root: FilePath,
        logs: [TopicPartition: PartitionLog],
        disk: Disk
    ) throws(LogError) -> (unchecked: UncheckedBatches, isNew: Bool) {
        let file = StateFile(
            root.appending("unchecked-batches.json"),
            kind: "unchecked-batches",
            version: 2,
            cure: "Delete it: all batches are then looked into before they are sent",
            disk: disk
        )
        return try LogError.mapping { () throws(FileError) in
            if let known = try read(file) { return (known, false) }
            let ends = logs.filter { $0.value.endOffset > 0 }.map { ($0.key.description, $0.value.endOffset) }
            let unchecked = UncheckedBatches(endOffsets: Dictionary(uniqueKeysWithValues: ends))
            try file.write(JSONState.bytes(unchecked))
            return (unchecked, true)
        }
    }

    private static func read(_ file: StateFile) throws(FileError) -> UncheckedBatches? {
        do throws(FileError) {
            guard case .payload(let payload, _) = try file.read() else { return nil }
            return JSONState.value(Self.self, payload)
        } catch {
            if error.code == .damaged { return nil }
            throw error
        }
    }
}
