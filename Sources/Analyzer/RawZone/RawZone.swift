import Analysis
import Community
import Storage

/// The raw zone's complete files, in a fixed order.
///
/// `<topics.dir>/<topic>/<directories>/<name>.json`: the files of JSON lines that ``ZoneNames`` does not hide.
struct RawZone: Sendable {
    let storage: any FileSystem
    let directory: StoragePath
    /// By topic, then in the order of `ZoneNames`: files of a partition and hour come in the order of their offsets.
    let files: [RawZoneFile]
    /// Topics without a directory.
    let missingTopics: [RawZoneTopic]

    init(storage: any FileSystem, directory: StoragePath) async throws(AnalysisError) {
        guard try await Self.exists(directory, in: storage) else { throw .rawZoneMissing(directory.description) }
        var files: [RawZoneFile] = []
        var missing: [RawZoneTopic] = []
        do throws(StorageError) {
            for topic in RawZoneTopic.allCases {
                let root = try directory.appending(topic.rawValue)
                guard try await storage.status(of: root) != nil else {
                    missing.append(topic)
                    continue
                }
                for file in try await storage.files(under: root, skips: ZoneNames.isHidden)
                where ZoneNames.isOfLines(file.path.name) {
                    files.append(RawZoneFile(topic, file, below: directory))
                }
            }
        } catch {
            throw .unreadable(directory.description, error)
        }
        self.storage = storage
        self.directory = directory
        self.files = files
        self.missingTopics = missing
    }

    private static func exists(_ path: StoragePath, in storage: any FileSystem) async throws(AnalysisError) -> Bool {
        do {
            return try await storage.status(of: path) != nil
        } catch {
            throw .unreadable(path.description, error)
        }
    }
}

extension RawZoneFile {
    fileprivate init(_ topic: RawZoneTopic, _ file: FileStatus, below directory: StoragePath) {
        let path = file.path
        let skipped = directory.string.isEmpty ? 0 : directory.string.utf8.count + 1
        let relative = String(path.string.utf8.dropFirst(skipped)) ?? path.string
        self.init(
            topic: topic,
            path: path,
            relativePath: relative,
            bytes: Int(file.length),
            hour: CalendarHour(directories: relative.split(separator: "/").dropFirst().dropLast())
        )
    }
}

/// One complete file of the raw zone.
struct RawZoneFile: Equatable, Sendable {
    let topic: RawZoneTopic
    /// Where it lies in the storage.
    let path: StoragePath
    /// Path from the raw zone's directory, as it is shown.
    let relativePath: String
    /// Its length when the zone was listed; 0 where that is not known, as of a link.
    let bytes: Int
    /// The hour that its directories name, if they do.
    let hour: CalendarHour?
}

extension RawZoneTopic {
    /// The topic in the contract of the events.
    var contract: CommunityTopic {
        switch self {
        case .utenti: .users
        case .comportamenti: .behaviours
        case .premi: .prizes
        }
    }

    /// The fields of a row, in the order in which ``RowReader`` gives them.
    var fields: [RowField] { contract.fields }
}
