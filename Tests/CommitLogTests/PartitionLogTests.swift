import CommitLog
import KafkaProtocol
import NIOCore
import PipelineTesting
import SystemPackage
import Testing

@Suite(.timeLimit(.minutes(15)))
struct PartitionLogTests {
    @Test func aNewLogIsEmpty() throws {
        try withTemporaryDirectory { path in
            let (log, report) = try PartitionLog.open(directory: path.appending("a-0"), configuration: .small, now: 1)
            #expect(report.wasClean)
            #expect(log.logStartOffset == 0)
            #expect(log.endOffset == 0)
            #expect(try log.read(from: 0, maxBytes: 100) == nil)
            #expect(try log.offset(forTimestamp: 0) == nil)
        }
    }

    @Test func batchesComeBackAsTheyCameButForOffsetAndLeaderEpoch() throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path)
            let sent = TestBatch(timestamps: [5, 6, 7], tag: "first").buffer
            let shared = sent
            #expect(try log.append(batch: sent, now: 1) == .appended(baseOffset: 0, lastOffset: 2))
            #expect(try log.append(batch: sent, now: 1) == .appended(baseOffset: 3, lastOffset: 5))
            #expect(sent == shared, "the caller's bytes are not written to")
            let stored = try log.allBatches()
            #expect(stored.map(\.readableBytes) == [sent.readableBytes, sent.readableBytes])
            for (index, batch) in stored.enumerated() {
                let header = try RecordBatchHeader(batch)
                #expect(header.baseOffset == Int64(index) * 3)
                #expect(header.partitionLeaderEpoch == 0)
                #expect(batch.getSlice(at: 16, length: 100) == sent.getSlice(at: 16, length: 100))
            }
        }
    }

    @Test func offsetsGoOnInNewSegments() throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path)
            for index in 0..<50 { try log.append(TestBatch(timestamps: [1, 2], tag: "\(index)")) }
            #expect(log.segmentCount > 3)
            #expect(log.endOffset == 100)
            #expect(try log.allBatches().count == 50)
            #expect(log.byteCount == (try log.allBatches().reduce(0) { $0 + $1.readableBytes }))
        }
    }

    @Test func everyOffsetIsFound() throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path)
            for index in 0..<40 { try log.append(TestBatch(timestamps: [1, 2, 3], tag: "\(index)")) }
            for offset in 0..<Int64(120) {
                let slice = try #require(try log.read(from: offset, maxBytes: 1))
                #expect(slice.baseOffset == offset / 3 * 3)
                #expect(try RecordBatchHeader(slice.bytes()).totalByteCount == slice.length, "one batch, even so")
            }
        }
    }

    @Test(arguments: [0, 1, 100, 150, 300, 450, 10_000])
    func slicesHaveWholeBatchesAndKeepTheLimit(maxBytes: Int) throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path)
            for index in 0..<30 { try log.append(TestBatch(valueBytes: 10 + index % 7, tag: "\(index)")) }
            let expected = try log.allBatches()
            #expect(try log.allBatches(maxBytes: maxBytes) == expected)
            for offset in 0..<Int64(30) {
                let slice = try #require(try log.read(from: offset, maxBytes: maxBytes))
                let first = try RecordBatchHeader(slice.bytes()).totalByteCount
                #expect(slice.length <= max(maxBytes, first))
            }
        }
    }

    @Test(arguments: [-1, 3, 100] as [Int64])
    func offsetsOutsideAreRefused(offset: Int64) throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path)
            try log.append(TestBatch(timestamps: [1, 1]))
            let error = #expect(throws: LogError.self) { try log.read(from: offset, maxBytes: 10) }
            #expect(error?.code == .offsetOutOfRange)
        }
    }

    @Test func aSliceOutlivesItsSegment() throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path)
            for index in 0..<20 { try log.append(TestBatch(tag: "\(index)")) }
            let slice = try #require(try log.read(from: 0, maxBytes: 200))
            let before = try slice.bytes()
            log.configure { $0.retentionMilliseconds = 0 }
            try log.applyRetention(now: 2_000)
            #expect(try path.files("log").count == 1)
            #expect(try slice.bytes() == before)
        }
    }

    @Test func aClosedLogRefusesEverything() throws {
        try withTemporaryDirectory { path in
            let log = try PartitionLog.opened(path)
            try log.append(TestBatch())
            try log.close()
            try log.close()
            #expect(throws: LogError.self) { try log.append(TestBatch()) }
            #expect(throws: LogError.self) { try log.read(from: 0, maxBytes: 1) }
            #expect(throws: LogError.self) { try log.maintain(now: 1) }
        }
    }
}
