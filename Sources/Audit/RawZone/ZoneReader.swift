package import CommitLedger
package import KafkaTopics
package import Storage

/// Reads commit records and files of the partitions, in an order that makes sense while the pipeline runs: first the
/// records, then the files that they speak of.
package struct ZoneReader: Sendable {
    /// What lies in the storage of one partition.
    package struct PartitionZone: Sendable {
        package var commits: CommitEvidence?
        package var files: [FileEvidence] = []
        package var pending: [String: FileScan] = [:]
        package var temporaries: [TemporaryFile] = []
        package var troubles: [AuditTrouble] = []
        /// What was gathered from the lines, of one topic.
        package var tally: (any LineTally)?
    }

    /// What lies below the directory of one topic.
    package struct TopicZone: Sendable {
        /// The files by partition.
        package var files: [TopicPartition: [StoragePath]] = [:]
        /// What is not a file of the topic.
        package var troubles: [AuditTrouble] = []
    }

    /// What commit records say of files, by their names, final and temporary.
    private struct KnownFiles {
        let interleaved: Set<String>
        private(set) var hours: [String: Int32] = [:]

        init(_ commits: CommitEvidence?) {
            interleaved = commits?.interleavedPaths ?? []
            for file in commits?.files ?? [] {
                guard let hour = file.hour else { continue }
                hours[file.path] = hour
                hours[file.temporary] = hour
            }
        }
    }

    private let storage: any FileSystem
    package let reader: CommitRecordReader
    private let topicsDirectory: StoragePath
    private let logsDirectory: StoragePath
    private let connector: String
    private let supplement: (any AuditSupplement)?

    package init(_ configuration: AuditConfiguration) throws(StorageError) {
        storage = configuration.storage
        topicsDirectory = try StoragePath(configuration.topicsDirectory)
        logsDirectory = try StoragePath(configuration.logsDirectory)
        connector = configuration.connector
        reader = try CommitRecordReader(storage: storage, logsDirectory: logsDirectory, connector: connector)
        supplement = configuration.supplement
    }

    /// The topics that have a directory in the raw zone.
    package func topics() async throws(StorageError) -> [String] {
        try await storage.list(topicsDirectory).filter { $0.isDirectory && !ZoneNames.isHidden($0.path.name) }
            .map(\.path.name)
    }

    /// What the name of a file in the directory of `topic` says; `nil` where it is not the name of a file of this topic, or
    /// not of JSON lines.
    private static func name(of path: StoragePath, _ topic: String) -> FinalName? {
        FinalName(path.name, of: topic).flatMap { $0.fileExtension == ZoneNames.linesExtension ? $0 : nil }
    }

    /// Files of a topic by partition, in the order of their paths, and what is none.
    package func list(_ topic: String) async throws(StorageError) -> TopicZone {
        var zone = TopicZone()
        var open = [try topicsDirectory.appending(topic)]
        while let directory = open.popLast() {
            let found = try await storage.list(directory).filter { !ZoneNames.isHidden($0.path.name) }
            for status in found.sorted(by: { $0.path < $1.path }) {
                let name = Self.name(of: status.path, topic)
                if status.isDirectory { open.append(status.path) }
                switch (name, status.isDirectory) {
                case (nil, true): continue
                case (.some, true): zone.troubles.append(.directoryWithNameOfFile(status.path, topic))
                case (let name?, false):
                    zone.files[name.partition, default: []].append(status.path)
                case (nil, false): zone.troubles.append(.strangeName(status.path, topic))
                }
            }
        }
        zone.files = zone.files.mapValues { $0.sorted() }
        return zone
    }

    /// Reads what belongs to a partition; `history` was read before `paths` were listed.
    package func read(
        _ partition: TopicPartition,
        _ history: CommitRecordReader.History?,
        _ paths: [StoragePath],
        onLines: (Int64) -> Void = { _ in }
    ) async throws -> PartitionZone {
        var zone = PartitionZone()
        zone.commits = history.flatMap(CommitEvidence.init)
        let known = KnownFiles(zone.commits)
        let old = try await withoutNewer(paths, than: zone.commits, partition)
        for path in old {
            guard let name = Self.name(of: path, partition.topic) else { continue }
            guard let scan = try await scanIfThere(path, partition, known, &zone.tally) else {
                zone.troubles.append(.nothingBehind(path, partition))
                continue
            }
            zone.files.append(FileEvidence(path: path.string, name: name, scan: scan))
            onLines(scan.rows)
        }
        try await readTemporaries(partition, known, &zone)
        return zone
    }

    /// `paths` without the files that were filed after `commits` was read.
    private func withoutNewer(
        _ paths: [StoragePath],
        than commits: CommitEvidence?,
        _ partition: TopicPartition
    ) async throws -> [StoragePath] {
        let next = commits?.next ?? 0
        let beyond = paths.filter { path in
            Self.name(of: path, partition.topic).map { $0.last >= next } ?? false
        }
        guard !beyond.isEmpty else { return paths }
        let history = try await reader.history(of: partition)
        let known = commits?.sequence ?? 0
        let newer = Set(history.records.map(\.record).filter { $0.sequence > known }.flatMap(\.files).map(\.final))
        return paths.filter { !newer.contains($0.string) }
    }

    private func scan(
        _ path: StoragePath,
        _ partition: TopicPartition,
        _ known: KnownFiles,
        _ tally: inout (any LineTally)?
    ) async throws -> FileScan {
        let isInterleaved = known.interleaved.contains(path.string)
        var found = supplement?.tally(of: FileOrigin(partition, hour: known.hours[path.string]))
        guard found != nil || isInterleaved else { return try await FileScan(path, in: storage) }
        var sum = LineSum()
        var scan = try await FileScan(path, in: storage) { line in
            found?.add(line)
            if isInterleaved { sum.add(line) }
        }
        scan.sum = sum
        if let found {
            if tally == nil { tally = found } else { tally?.merge(found) }
        }
        return scan
    }

    private func scanIfThere(
        _ path: StoragePath,
        _ partition: TopicPartition,
        _ known: KnownFiles,
        _ tally: inout (any LineTally)?
    ) async throws -> FileScan? {
        do {
            return try await scan(path, partition, known, &tally)
        } catch let error as StorageError {
            // A directory is what a symbolic link may lead to.
            if error.code == .notFound || error.code == .isADirectory { return nil }
            throw error
        }
    }

    /// Temporary files: those that the newest record names wait for their names, all others are looked at by epoch.
    private func readTemporaries(
        _ partition: TopicPartition,
        _ known: KnownFiles,
        _ zone: inout PartitionZone
    ) async throws {
        let layout = try CommitLayout(
            partition: partition,
            connector: connector,
            topicsDirectory: topicsDirectory,
            logsDirectory: logsDirectory
        )
        let newest = zone.commits.map { commits in commits.files.filter { $0.sequence == commits.lastFiling } } ?? []
        for file in newest where !zone.files.contains(where: { $0.path == file.path }) {
            let temporary = try StoragePath(file.temporary)
            let final = try StoragePath(file.path)
            if let scan = try await scanIfThere(temporary, partition, known, &zone.tally) {
                zone.pending[file.temporary] = scan
            } else if let name = Self.name(of: final, partition.topic),
                let scan = try await scanIfThere(final, partition, known, &zone.tally)
            {
                // It got its name since the files were listed.
                zone.files.append(FileEvidence(path: file.path, name: name, scan: scan))
            }
        }
        let waiting = Set(newest.map(\.temporary))
        for status in try await storage.list(layout.temporaryDirectory) where !waiting.contains(status.path.string) {
            if let file = try layout.temporary(named: status.path.name) { zone.temporaries.append(file) }
        }
    }
}

extension AuditTrouble {
    /// A file of another name in the directory of `topic`.
    static func strangeName(_ path: StoragePath, _ topic: String) -> AuditTrouble {
        AuditTrouble(
            .fileForeign,
            topic: topic,
            path: path.string,
            what: "this is not the name of a file of this topic, and readers of the topic would read it",
            advice: "move it out of the raw zone"
        )
    }

    /// A directory in the directory of `topic` that looks like a file.
    static func directoryWithNameOfFile(_ path: StoragePath, _ topic: String) -> AuditTrouble {
        AuditTrouble(
            .fileForeign,
            topic: topic,
            path: path.string,
            what: "the name is that of a file, and it is a directory: the connector can never give a file this name",
            advice: "move it out of the raw zone"
        )
    }

    /// A name in the directory of a topic that leads to no file.
    static func nothingBehind(_ path: StoragePath, _ partition: TopicPartition) -> AuditTrouble {
        AuditTrouble(
            .fileForeign,
            topic: partition.topic,
            partition: partition.partition,
            path: path.string,
            what:
                "there is no file behind this name: it is a symbolic link that leads to none, or was removed just now",
            advice: "remove the link; where the file is missing, restore it from a backup"
        )
    }
}
