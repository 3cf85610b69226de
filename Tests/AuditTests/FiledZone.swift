import Audit
import Checksums
import CommitLedger
import ConnectAPI
import ConnectConverters
import ConnectRuntime
import ConnectTransforms
import HDFSSink
import KafkaClient
import KafkaTopics
import Logging
import PipelineTesting
import Storage
import Testing

/// A storage with one partition that the commit protocol filed, for those who read it.
struct FiledZone {
    static let partition = TopicPartition(topic: "premi", partition: 0)
    static let topics = "raw_data"
    static let logs = "raw_data/_logs"
    static let connector = "hdfs3-sink"

    let directory = ScratchDirectory()
    let storage: LocalFileSystem
    let layout: CommitLayout
    private var ledger: CommitLedger
    private var filesBegun: Int64 = 0
    private var epoch: Int64 = 0

    /// - Parameter recordsKept: how many commit records are not pruned.
    init(recordsKept: Int64 = CommitProtocol.Limits.recordsKept) async throws {
        storage = LocalFileSystem(root: directory.path, durability: .cached)
        layout = try CommitLayout(
            partition: Self.partition,
            connector: Self.connector,
            topicsDirectory: StoragePath(Self.topics),
            logsDirectory: StoragePath(Self.logs)
        )
        ledger = CommitLedger(
            layout: layout,
            storage: storage,
            writer: "one",
            recordsKept: recordsKept,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        if case .tookOver(let record) = try await ledger.takeOver(time: 0) { epoch = record.epoch }
    }

    static func line(_ offset: Int64) -> String { #"{"id_utente": "HE_\#(offset)"}"# }

    /// Files a line for each of `offsets`, in one file and one commit, and returns what the record says of the file.
    @discardableResult
    mutating func file(
        _ offsets: Range<Int64>,
        lineage: Int64 = CommitRecord.firstLineage,
        line: (Int64) -> String = Self.line,
        time: Int64 = 0
    ) async throws -> CommitRecord.File {
        let file = try await write(Array(offsets), lineage: lineage, line: line)
        try await commit(offsets, [file], time: time)
        return file
    }

    /// Writes a file with a line for each of `offsets`, to be committed.
    mutating func write(
        _ offsets: [Int64],
        directory: String = "2021/03/24/11",
        lineage: Int64 = CommitRecord.firstLineage,
        line: (Int64) -> String = Self.line
    ) async throws -> CommitRecord.File {
        let lines = Array(offsets.map { line($0) + "\n" }.joined().utf8)
        let temporary = try layout.temporaryData(epoch: epoch, number: filesBegun)
        filesBegun += 1
        try await storage.write(lines, to: temporary)
        var checksum = CRC32C()
        checksum.update(lines)
        let (first, last) = (offsets.min() ?? 0, offsets.max() ?? 0)
        return CommitRecord.File(
            temporary: temporary.string,
            final: try layout.final(directory: directory, first: first, last: last, lineage: lineage).string,
            first: first,
            last: last,
            rows: Int64(offsets.count),
            bytes: Int64(lines.count),
            crc32c: checksum.digits,
            least: 0,
            greatest: 0
        )
    }

    /// Carries out what an operator decided.
    mutating func repair(_ proposal: RepairProposal) async throws { _ = try await ledger.repair(proposal) }

    /// Commits files that hold all of `offsets` but those that `counts` says something else of.
    mutating func commit(
        _ offsets: Range<Int64>,
        _ files: [CommitRecord.File],
        lost: [Range<Int64>] = [],
        counts others: CommitCounts = CommitCounts(),
        time: Int64 = 0
    ) async throws {
        var counts = others
        counts.rows = files.reduce(0) { $0 + $1.rows }
        counts.bytes = files.reduce(0) { $0 + $1.bytes }
        _ = try await ledger.commit(
            CommitProposal(
                first: offsets.lowerBound,
                next: offsets.upperBound,
                files: files,
                lost: lost.map { CommitRecord.Offsets(first: $0.lowerBound, next: $0.upperBound) },
                counts: counts,
                time: time
            )
        )
    }

    /// The audit of this storage and a cluster.
    func audit(_ client: ClientConfiguration, now: @escaping @Sendable () -> Int64) -> AuditConfiguration {
        var configuration = AuditConfiguration(
            client: client,
            storage: storage,
            connector: Self.connector,
            topics: [Self.partition.topic],
            deadLetterTopic: "dlq_\(Self.connector)",
            makePipeline: {
                RecordPipeline(
                    converter: try #require(JSONConverter()),
                    transforms: TransformationChain([.init(Filter(), where: RecordIsTombstone())]),
                    tolerance: .all
                )
            },
            now: now
        )
        configuration.topicsDirectory = Self.topics
        configuration.logsDirectory = Self.logs
        return configuration
    }

    /// Puts other lines into a file.
    func replace(_ file: CommitRecord.File, with lines: [String]) async throws {
        let path = try StoragePath(file.final)
        _ = try await storage.delete(path)
        try await storage.write(Array(lines.map { $0 + "\n" }.joined().utf8), to: path)
    }

    /// What the commit records say now.
    func history() async throws -> CommitRecordReader.History {
        let reader = try CommitRecordReader(
            storage: storage,
            logsDirectory: StoragePath(Self.logs),
            connector: Self.connector
        )
        return try await reader.history(of: Self.partition)
    }
}
