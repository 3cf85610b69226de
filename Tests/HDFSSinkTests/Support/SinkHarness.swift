import CommitLedger
import ConnectAPI
import Files
import HDFSSink
import KafkaTopics
import Logging
import PipelineTesting
import Storage
import Testing

/// Runs sink tasks as a runner would, over the records of one partition, and counts what they filed.
struct SinkHarness: Sendable {
    static let partition = TopicPartition(topic: "comportamenti", partition: 0)
    private static let configuration = [
        "topics.dir": "/raw_data", "logs.dir": "/_logs", "file.delim": "_", "flush.size": "7",
        "timestamp.extractor": "Record", "timezone": "Europe/Paris", "locale": "fr-FR",
    ]
    /// 2021-03-24T10:59:50Z: ten seconds before an hour is over.
    static let start = Timestamp(milliseconds: 1_616_583_590_000)

    /// Read once: a locale takes its time, and there are thousands of tasks.
    private static let settings = read([:])

    private static func read(_ changes: [String: String]) -> Result<HDFSSinkSettings, any Error> {
        Result { try HDFSSinkSettings(HDFSSinkDefinitions.all.values(of: configuration.merging(changes) { $1 })) }
    }

    let directory = ScratchDirectory()
    let files: any FileSystem

    init() {
        files = LocalFileSystem(root: directory.path, durability: .cached)
    }

    /// On another storage than a local directory.
    init(files: any FileSystem) {
        self.files = files
    }

    /// On a disk that can lose its power.
    init(calls: (ScratchDirectory) throws -> DiskCalls) rethrows {
        files = LocalFileSystem(root: directory.path, durability: .synchronized, calls: try calls(directory))
    }

    func task(
        on storage: (any FileSystem)? = nil,
        writer: String = "one",
        memoryBytes: Int = HDFSSinkTask.Limits.memoryBytes,
        topics: SettableTopics = SettableTopics(),
        _ changes: [String: String] = [:]
    ) throws -> HDFSSinkTask {
        HDFSSinkTask(
            SinkTaskIdentity(connector: "hdfs3-sink", writer: writer),
            context: topics,
            settings: try changes.isEmpty ? Self.settings.get() : Self.read(changes).get(),
            storage: storage ?? files,
            memoryBytes: memoryBytes,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    /// The record at each offset: a line, a second later than the one before. Offsets that are divisible by five have
    /// no record: they were filtered.
    static func batch(_ offsets: Range<Int64>) -> SinkRecords {
        var builder = SinkRecordsBuilder(partition: partition, firstOffset: offsets.lowerBound)
        for offset in offsets {
            if offset % 5 == 0 {
                builder.skip(to: offset + 1, .filtered)
                continue
            }
            Array(line(offset).utf8).withUnsafeBytes { bytes in
                _ = builder.append(
                    offset: offset,
                    timestamp: start.advanced(byMilliseconds: offset * 1000),
                    key: nil,
                    value: bytes
                )
            }
        }
        return builder.finish()
    }

    static func line(_ offset: Int64) -> String { #"{"id_utente": "HE_\#(offset)"}"# }

    /// A batch of records with these times and values, from `first` on; a value that is `nil` is a tombstone.
    static func batch(
        of partition: TopicPartition = partition,
        from first: Int64,
        _ records: [(time: Timestamp, value: String?)]
    ) -> SinkRecords {
        var builder = SinkRecordsBuilder(partition: partition, firstOffset: first)
        for (index, record) in records.enumerated() {
            let offset = first + Int64(index)
            if let value = record.value {
                Array(value.utf8).withUnsafeBytes { bytes in
                    _ = builder.append(offset: offset, timestamp: record.time, key: nil, value: bytes)
                }
            } else {
                _ = builder.append(offset: offset, timestamp: record.time, key: nil, value: nil)
            }
        }
        return builder.finish()
    }

    /// What the commit records of a partition say.
    func history(of partition: TopicPartition = partition) async throws -> CommitRecordReader.History {
        let logs = try StoragePath("_logs")
        return try await CommitRecordReader(storage: files, logsDirectory: logs, connector: "hdfs3-sink")
            .history(of: partition)
    }

    /// Takes the partition over as an operator's command does, and carries `proposal` out.
    func repair(_ proposal: RepairProposal) async throws {
        let layout = try CommitLayout(
            partition: Self.partition,
            connector: "hdfs3-sink",
            topicsDirectory: StoragePath("raw_data"),
            logsDirectory: StoragePath("_logs")
        )
        var ledger = CommitLedger(
            layout: layout,
            storage: files,
            writer: "repair",
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        guard case .tookOver = try await ledger.takeOver(time: 1), case .committed = try await ledger.repair(proposal)
        else {
            Issue.record("the repair was fenced")
            return
        }
    }

    /// Opens the partition, puts offsets up to `end` in batches of `size`, and closes it.
    ///
    /// - Throws: what the task throws; the task is then closed as a runner does it.
    static func run(_ task: HDFSSinkTask, upTo end: Int64, size: Int64 = 4) async throws {
        do {
            var next = try await task.open([SinkPartition(partition)], now: start)[partition] ?? 0
            while next < end {
                let stop = min(end, next + size)
                try await task.put(batch(next..<stop), now: start)
                next = stop
            }
            try await task.close([partition], .handedOver, now: start)
        } catch {
            try await task.close([partition], .abandoned, now: start)
            throw error
        }
    }

    /// The lines of all final files, by path.
    func filed() async throws -> [(path: String, lines: [String])] {
        var found: [(path: String, lines: [String])] = []
        for file in try await files.files(under: StoragePath("raw_data/\(Self.partition.topic)")) {
            let text = String(decoding: try await files.read(file.path, bytesMax: 1 << 20), as: UTF8.self)
            #expect(text.hasSuffix("\n"))
            found.append((file.path.string, text.split(separator: "\n").map(String.init)))
        }
        return found
    }

    /// Expects that each record before `end` is filed once, that records say so, and that nothing else is left.
    func expectWhole(upTo end: Int64, _ comment: Comment? = nil) async throws {
        let lines = try await filed().flatMap(\.lines)
        let expected = (0..<end).filter { $0 % 5 != 0 }.map(Self.line)
        #expect(lines.sorted() == expected.sorted(), comment)
        #expect(try await files.files(under: StoragePath("raw_data/+tmp")) == [], comment)
        let reader = try CommitRecordReader(
            storage: files,
            logsDirectory: StoragePath("_logs"),
            connector: "hdfs3-sink"
        )
        #expect(try await reader.partitions() == [Self.partition])
        let history = try await reader.history(of: Self.partition)
        #expect(history.problems == [], comment)
        let newest = try #require(history.newest, comment)
        #expect(newest.next == end, comment)
        #expect(newest.totals.rows == Int64(expected.count), comment)
        #expect(newest.totals.filtered == end - Int64(expected.count), comment)
        #expect(newest.totals.bytes == expected.reduce(0) { $0 + Int64($1.utf8.count) + 1 }, comment)
    }
}
