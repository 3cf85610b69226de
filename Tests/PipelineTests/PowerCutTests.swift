import Checksums
import CommitLedger
import CommitLog
import ConnectAPI
import ConnectRuntime
import Files
import HDFSSink
import KafkaClient
import KafkaProtocol
import KafkaTopics
import Logging
import NIOCore
import PipelineTesting
import Storage
import SystemPackage
import Testing

@testable import Ingestor

/// The power goes at any moment, again and again, under the ingestor and the sink at once: log, state files and filed
/// files lie on one device, which has what each of them forced to it and perhaps more.
///
/// What a commit record names is there, no offset is given twice, and the sink goes on in the log that it knows: the
/// record filed last is there, or a gap is; never another record, and nothing is stepped over without being counted.
@Suite(.timeLimit(.minutes(15))) struct PowerCutTests {
    /// What producers, groups and readers of the files know.
    private struct Outside {
        /// Acknowledged values by offset.
        var acknowledged: [Int64: String] = [:]
        /// Those of them that the log lost.
        var gone: Set<Int64> = []
        /// All records before it were forced to the device.
        var forcedEnd: Int64 = 0
        /// The offsets before it are committed by the sink.
        var filedEnd: Int64 = 0
        /// What the group's committed offset was at the last flush of the journal.
        var groupOffset: Int64 = 0
        var producerID: Int64 = -1
        var clusterID: String?

        var greatestOffset: Int64 { max(acknowledged.keys.max() ?? -1, filedEnd - 1) }
    }

    /// What is known, and at which operation of the disk each part of it was known first.
    private struct History {
        var outside = Outside()
        private var moments: [(operation: Int, outside: Outside)] = []

        /// The operations are counted anew.
        mutating func begin() { moments = [(0, outside)] }

        mutating func note(at operation: Int) { moments.append((operation, outside)) }

        func known(at operation: Int) -> Outside { moments.last { $0.operation <= operation }?.outside ?? Outside() }
    }

    private static let partition = TopicPartition(topic: "utenti", partition: 0)
    private static let group = "connect-hdfs3-sink"
    private static let connector = "hdfs3-sink"
    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    private static let now = Moment(
        wall: Timestamp(milliseconds: 1_616_583_590_000),
        monotonic: MonotonicTime(milliseconds: 0)
    )
    /// Forcing in earnest would only take time.
    private static var calls: DiskCalls {
        var calls = DiskCalls.system
        calls.synchronize = { _ in }
        return calls
    }

    /// Read once: a locale takes its time.
    private static let settings = Result {
        try HDFSSinkSettings(
            HDFSSinkDefinitions.all.values(of: [
                "topics.dir": "/raw_data", "logs.dir": "/_logs", "file.delim": "_", "flush.size": "7",
                "timestamp.extractor": "Record", "timezone": "Europe/Paris", "locale": "fr-FR",
            ])
        )
    }

    /// An ingestor's storage and a sink that files from it, on one disk.
    private struct Node {
        let storage: DataDirectory
        let log: PartitionLog
        let topicID: String
        let files: LocalFileSystem
        let sink: HDFSSinkTask

        init(_ root: FilePath, boot: String, writer: String, calls: DiskCalls) throws {
            var configuration = IngestorConfiguration(directory: root.appending("ingestor").string)
            configuration.topics = [TopicSpecification(name: partition.topic, partitionCount: 1)]
            configuration.log.segmentBytes = 1_000
            configuration.log.retentionMilliseconds = nil
            let readings = LogClock.Readings(bootID: { boot }, sinceBoot: { 1_000 }, timeOfDay: { 1_000 })
            storage = try DataDirectory(configuration, logger: logger, readings: readings, calls: calls)
            log = try #require(storage.manager.log(for: partition))
            topicID = try #require(storage.manager.topic(named: partition.topic)?.id.description)
            files = LocalFileSystem(root: root.appending("HeraSDG"), durability: .synchronized, calls: calls)
            sink = HDFSSinkTask(
                SinkTaskIdentity(connector: connector, writer: writer),
                context: SettableTopics([partition.topic: topicID]),
                settings: try settings.get(),
                storage: files,
                logger: logger
            )
        }

        /// The sink takes the partition over.
        ///
        /// - Returns: where it begins.
        func takeOver(_ outside: Outside) async throws -> Int64 {
            let opened = try await sink.open([SinkPartition(partition, topicID: topicID)], now: now)
            let place = try #require(opened[partition])
            #expect(place.next ?? 0 >= outside.filedEnd)
            // It throws where the log is another one.
            let start = try PartitionStart(
                PartitionStart.Question(
                    partition,
                    sink: place,
                    group: storage.offsets.offset(of: group, partition)?.offset,
                    reset: .earliest,
                    earliest: log.logStartOffset,
                    latest: log.endOffset,
                    topicID: topicID
                )
            )
            #expect(start.offset == start.wanted, "nothing is lost to retention")
            if let expected = start.expected {
                let found = try records(from: expected.offset).fingerprint(ofLastRecordBefore: expected.offset + 1)
                #expect(found == (outside.gone.contains(expected.offset) ? nil : expected))
            }
            return start.offset
        }

        /// All that the log holds from `offset` on, as a consumer gets it.
        func records(from offset: Int64) throws -> SinkRecords {
            var builder = SinkRecordsBuilder(partition: partition, firstOffset: offset)
            var next = offset
            while let slice = try log.read(from: next, maxBytes: 1 << 20) {
                var bytes = try slice.bytes()
                while bytes.readableBytes > 0 {
                    var records = try RecordIterator(bytes)
                    while let record = try records.next() {
                        record.value?.withUnsafeReadableBytes { value in
                            let timestamp = Timestamp(milliseconds: record.timestamp)
                            builder.append(offset: record.offset, timestamp: timestamp, key: nil, value: value)
                        }
                    }
                    bytes.moveReaderIndex(forwardBy: records.header.totalByteCount)
                    next = records.header.nextOffset
                }
            }
            builder.skip(to: next, .absent)
            return builder.finish()
        }

        /// Files what the log holds from `offset` on.
        ///
        /// - Returns: the offset behind it.
        func file(from offset: Int64) async throws -> Int64 {
            let records = try records(from: offset)
            if records.nextOffset > offset { try await sink.put(records, now: now) }
            return records.nextOffset
        }
    }

    @Test(arguments: Seeds.chosen(Array(1...40)))
    func offsetsMeanOneRecordForLogAndFiles(seed: UInt64) async throws {
        try await withSeed(seed) { generator in
            try await withTemporaryDirectory { path in
                var root = path.appending("life-0")
                try Disk().makeDirectory(root)
                var history = History()
                for life in 0..<4 {
                    let power = try PowerLoss(below: root, calls: Self.calls)
                    history.begin()
                    for start in 0..<Int.random(in: 1...3, using: &generator) {
                        try await live("\(life)-\(start)", boot: "\(life)", root, power, &history, &generator)
                    }
                    let cut = Int.random(in: power.operationCount / 2...power.operationCount, using: &generator)
                    history.outside = history.known(at: cut)
                    root = path.appending("life-\(life + 1)")
                    try power.materialize(in: root, after: cut, using: &generator)
                }
                try await expectWhole(root, history.outside)
            }
        }
    }

    /// From one start of both programs to their end, in order or by a kill.
    private func live(
        _ name: String,
        boot: String,
        _ root: FilePath,
        _ power: PowerLoss,
        _ history: inout History,
        _ generator: inout SeededGenerator
    ) async throws {
        let node = try Node(root, boot: boot, writer: name, calls: power.calls)
        try check(node, &history.outside)
        history.note(at: power.operationCount)
        var position = try await node.takeOver(history.outside)
        for step in 0..<Int.random(in: 1...25, using: &generator) {
            switch Int.random(in: 0..<10, using: &generator) {
            case 0:
                try node.log.flush()
                history.outside.forcedEnd = node.log.flushedOffset
            case 1:
                node.storage.maintain(logger: Self.logger)
            case 2, 3, 4:
                position = try await node.file(from: position)
                history.outside.filedEnd = node.sink.committable()[Self.partition] ?? history.outside.filedEnd
            case 5:
                let offset = history.outside.filedEnd
                try node.storage.offsets.commit(
                    group: Self.group,
                    [Self.partition: CommittedOffset(offset: offset)],
                    at: 0
                )
                if generator.chance(1, in: 2) {
                    try node.storage.offsets.flush()
                    history.outside.groupOffset = offset
                }
            default:
                let values = (0..<Int.random(in: 1...3, using: &generator)).map {
                    #"{"n": "\#(name)-\#(step)-\#($0)"}"#
                }
                try append(values, to: node.log, &history.outside)
            }
            history.note(at: power.operationCount)
        }
        guard generator.chance(1, in: 3) else { return await node.sink.stop() }
        try await node.sink.close([Self.partition], .handedOver, now: Self.now)
        try node.storage.close()
        history.outside.filedEnd = position
        history.outside.forcedEnd = node.log.endOffset
        history.note(at: power.operationCount)
    }

    private func append(_ values: [String], to log: PartitionLog, _ outside: inout Outside) throws {
        var builder = RecordBatchBuilder()
        for value in values { builder.append(key: nil, value: value, timestamp: Self.now.wall.milliseconds) }
        let base = try log.append(batch: builder.build(), now: 1_000).baseOffset
        #expect(base > outside.greatestOffset, "an offset is given twice")
        for (offset, value) in zip(base..., values) { outside.acknowledged[offset] = value }
    }

    /// The log and the ingestor's state files hold what was known of them, but for records that were not forced to the
    /// device.
    private func check(_ node: Node, _ outside: inout Outside) throws {
        let records = try node.records(from: node.log.logStartOffset)
        let values = Dictionary(uniqueKeysWithValues: zip(records.offsets, records.texts))
        for (offset, value) in outside.acknowledged where !outside.gone.contains(offset) {
            #expect(values[offset] == value || values[offset] == nil && offset >= outside.forcedEnd, "offset \(offset)")
            if values[offset] == nil { outside.gone.insert(offset) }
        }
        let storage = node.storage
        #expect(outside.clusterID == nil || outside.clusterID == storage.clusterID)
        outside.clusterID = storage.clusterID
        let producerID = try storage.producerIDs.next()
        #expect(producerID > outside.producerID, "a producer's number is given twice")
        outside.producerID = producerID
        #expect(storage.offsets.offset(of: Self.group, Self.partition)?.offset ?? 0 >= outside.groupOffset)
    }

    /// After the last cut both programs run to their ends: each record of the log is filed once, and what was acknowledged
    /// and is not filed is counted as a gap.
    private func expectWhole(_ root: FilePath, _ outside: Outside) async throws {
        var outside = outside
        let node = try Node(root, boot: "last", writer: "last", calls: Self.calls)
        try check(node, &outside)
        let end = try await node.file(from: try await node.takeOver(outside))
        try await node.sink.close([Self.partition], .handedOver, now: Self.now)
        #expect(end == node.log.endOffset && end > outside.greatestOffset)

        let reader = try CommitRecordReader(
            storage: node.files,
            logsDirectory: StoragePath("_logs"),
            connector: Self.connector
        )
        let history = try await reader.history(of: Self.partition)
        #expect(history.problems == [])
        let records = history.records.map(\.record)
        #expect(records.allSatisfy { $0.missing.isEmpty && $0.lost.isEmpty && $0.lineage == 1 })
        var filed: [String] = []
        for file in records.flatMap(\.files) {
            let bytes = try await node.files.read(StoragePath(file.final), bytesMax: 1 << 20)
            #expect(CRC32C.checksum(of: bytes.span.bytes) == UInt32(file.crc32c, radix: 16), "\(file.final)")
            filed += String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
        }
        let names = try await node.files.files(under: StoragePath("raw_data/\(Self.partition.topic)")).map(
            \.path.string
        )
        #expect(names.sorted() == records.flatMap(\.files).map(\.final).sorted(), "files that no commit record names")
        let newest = try #require(records.last)
        #expect(newest.next == end && newest.totals.offsets == end && newest.totals.rows == Int64(filed.count))

        let values = Set(filed)
        #expect(values.count == filed.count, "a record is filed twice")
        #expect(values.isSuperset(of: try node.records(from: node.log.logStartOffset).texts))
        for (offset, value) in outside.acknowledged where !values.contains(value) {
            let isCounted = records.contains { $0.absent.contains { $0.first <= offset && offset < $0.next } }
            #expect(isCounted && outside.gone.contains(offset), "offset \(offset) was stepped over")
        }
    }
}

extension SinkRecords {
    /// The values of all records.
    fileprivate var texts: [String] { (0..<count).map { String(decoding: value(at: $0) ?? [], as: UTF8.self) } }
}
