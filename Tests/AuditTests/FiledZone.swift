import Checksums
import HDFSSink
import KafkaTopics
import Logging
import PipelineTesting
import Storage

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
    mutating func file(_ offsets: Range<Int64>) async throws -> CommitRecord.File {
        let lines = Array(offsets.map { Self.line($0) + "\n" }.joined().utf8)
        let temporary = try layout.temporaryData(epoch: epoch, number: filesBegun)
        filesBegun += 1
        try await storage.write(lines, to: temporary)
        var checksum = CRC32C()
        checksum.update(lines)
        let (first, last) = (offsets.lowerBound, offsets.upperBound - 1)
        let file = CommitRecord.File(
            temporary: temporary.string,
            final: try layout.final(directory: "2021/03/24/11", first: first, last: last).string,
            first: first,
            last: last,
            rows: Int64(offsets.count),
            bytes: Int64(lines.count),
            crc32c: checksum.digits,
            least: 0,
            greatest: 0
        )
        let counts = CommitCounts(rows: file.rows, bytes: file.bytes)
        _ = try await ledger.commit(
            CommitProposal(first: first, next: last + 1, files: [file], counts: counts, time: 0)
        )
        return file
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
