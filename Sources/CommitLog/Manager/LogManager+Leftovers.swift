import KafkaTopics
import SystemPackage

extension LogManager {
    /// Finishes what a crash interrupted: removes directories of deleted topics, and of topics whose creation was not
    /// noted. Such a directory holds no record, as nobody could send one; one that holds any is not ours to judge and
    /// stays.
    static func clearLeftovers(
        in root: FilePath,
        calls: DiskCalls,
        _ catalog: inout TopicCatalog,
        _ report: inout OpeningReport
    ) throws(LogError) {
        let known = Set(catalog.topics.values.flatMap(\.partitions).map(\.description))
        for name in try Disk.names(in: root) {
            let directory = root.appending(name)
            if name.hasSuffix(deletedSuffix) || catalog.deletions.contains(name) {
                if !known.contains(name) {
                    try Disk.removeTree(directory)
                    report.removedDirectories.append(name)
                }
            } else if looksLikePartition(name), !known.contains(name), Disk.isDirectory(directory) {
                switch try content(of: directory) {
                case .noRecords:
                    try Disk.removeTree(directory)
                    report.removedDirectories.append(name)
                case .records: report.unknownDirectories.append(name)
                case .otherFiles: break
                }
            }
        }
        if !catalog.deletions.isEmpty {
            catalog.deletions = []
            try catalog.save(in: root, calls: calls)
        }
    }

    private static func looksLikePartition(_ name: String) -> Bool {
        guard let dash = name.lastIndex(of: "-") else { return false }
        let number = name[name.index(after: dash)...]
        return TopicName.problem(with: String(name[..<dash])) == nil && Int32(number).map { $0 >= 0 } == true
    }

    private enum Content {
        case noRecords
        case records
        /// It is not a partition, whatever its name looks like.
        case otherFiles
    }

    private static func content(of directory: FilePath) throws(LogError) -> Content {
        var content = Content.noRecords
        for name in try Disk.names(in: directory) {
            let isState = name == PartitionCheckpoint.fileName || name.hasSuffix("." + Disk.temporaryExtension)
            guard let file = LogFileName(name) else {
                if isState { continue }
                return .otherFiles
            }
            if file.fileExtension == LogSegment.logExtension, try LogFile(directory.appending(name)).size() > 0 {
                content = .records
            }
        }
        return content
    }
}
