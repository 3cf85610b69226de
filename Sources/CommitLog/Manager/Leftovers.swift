import Files
import KafkaTopics
import SystemPackage

/// Directories in a root that belong to no topic: what a crash left of the making or the deletion of one.
enum Leftovers {
    /// Begins the name of a partition's directory when the topic is deleted; a running number follows. No topic's name
    /// has a `+`, and it is short however long the topic's name is.
    static let deletedPrefix = "+deleted-"

    /// Completes work that a crash interrupted: removes directories of deleted topics, and of topics that were not
    /// recorded yet. Such directories hold no records; directories that contain records are kept.
    static func clear(
        in root: FilePath,
        disk: Disk,
        _ list: inout TopicList,
        _ report: inout OpeningReport
    ) throws(FileError) {
        let known = Set(list.topics.values.flatMap(\.partitions).map(\.description))
        for name in try disk.names(in: root) {
            let directory = root.appending(name)
            if isDeleted(name) || list.deletions.contains(name) {
                if !known.contains(name) {
                    try disk.removeTree(directory)
                    report.removedDirectories.append(name)
                }
            } else if looksLikePartition(name), !known.contains(name), disk.isDirectory(directory) {
                switch try content(of: directory, disk) {
                case .noRecords:
                    try disk.removeTree(directory)
                    report.removedDirectories.append(name)
                case .records: report.unknownDirectories.append(name)
                case .otherFiles: break
                }
            }
        }
        if !list.deletions.isEmpty {
            list.deletions = []
            try list.save(in: root, disk: disk)
        }
    }

    /// Whether ``LogManager/deleteTopics(_:deleted:)`` gives such names; other names are left alone.
    private static func isDeleted(_ name: String) -> Bool {
        guard name.hasPrefix(deletedPrefix) else { return false }
        return Int(name.dropFirst(deletedPrefix.count)).map { deletedPrefix + String($0) == name && $0 > 0 } == true
    }

    private static func looksLikePartition(_ name: String) -> Bool {
        guard let dash = name.lastIndex(of: "-") else { return false }
        let number = name[name.index(after: dash)...]
        return TopicName.problem(with: String(name[..<dash])) == nil && Int32(number).map { $0 >= 0 } == true
    }

    private enum Content {
        case noRecords
        case records
        /// It is not a partition, despite its name.
        case otherFiles
    }

    private static func content(of directory: FilePath, _ disk: Disk) throws(FileError) -> Content {
        var content = Content.noRecords
        for name in try disk.names(in: directory) {
            let isState =
                [PartitionCheckpoint.fileName, SegmentSwap.fileName].contains(name)
                || name.hasSuffix("." + Disk.temporaryExtension)
            guard let file = LogFileName(name) else {
                if isState { continue }
                return .otherFiles
            }
            let isLog =
                file.fileExtension == LogSegment.logExtension
                || file.fileExtension == LogSegment.cleanedExtension
                || file.fileExtension.hasPrefix(LogSegment.setAsideExtension)
                || file.fileExtension.hasPrefix(SegmentRepair.damagedExtension)
            if isLog, try disk.open(directory.appending(name)).size() > 0 { content = .records }
        }
        return content
    }
}
