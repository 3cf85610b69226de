import CommitLedger
import ConnectAPI
import HDFSSink
import KafkaTopics
import PipelineTesting
import Storage
import Testing

/// When a partition is filed, seen through the task.
@Suite(.timeLimit(.minutes(15))) struct PartitionFilerTests {
    let harness = SinkHarness()
    let partition = SinkHarness.partition

    /// The record that needs one file more than may be open files all before it, and nothing of its own batch.
    @Test func oneDirectoryTooManyFilesWhatCameBefore() async throws {
        let task = try harness.task(["flush.size": "100000"])
        _ = try await task.open([SinkPartition(partition)], now: SinkHarness.start)
        let hours = (0..<100).map { hour in
            (time: SinkHarness.start.advanced(byMilliseconds: Int64(hour) * 3_600_000), value: Optional("{}"))
        }
        try await task.put(SinkHarness.batch(from: 0, hours), now: SinkHarness.start)
        #expect(task.committable().isEmpty)
        let next = SinkHarness.start.advanced(byMilliseconds: 100 * 3_600_000)
        try await task.put(SinkHarness.batch(from: 100, [(next, nil), (next, "{}")]), now: SinkHarness.start)
        #expect(task.committable() == [partition: 100])
        try await task.close([partition], .handedOver, now: SinkHarness.start)
        let newest = try #require(try await harness.history().newest)
        #expect(newest.next == 102)
        #expect(newest.totals.rows == 101)
        #expect(newest.totals.filtered == 1)
        #expect(try await harness.filed().count == 101)
    }

    /// A backlog of last month that begins with tombstones is filed by its own time.
    @Test func tombstonesDoNotPutTheWallClockIntoTheRecordsTime() async throws {
        let task = try harness.task(["rotate.interval.ms": "60000", "flush.size": "100000"])
        _ = try await task.open([SinkPartition(partition)], now: SinkHarness.start)
        let old = SinkHarness.start.advanced(byMilliseconds: -30 * 86_400_000)
        try await task.put(SinkHarness.batch(from: 0, [(old, nil)]), now: SinkHarness.start)
        try await task.put(SinkHarness.batch(from: 1, [(old, "{}")]), now: SinkHarness.start)
        #expect(task.committable().isEmpty)
        let later = old.advanced(byMilliseconds: 60_000)
        try await task.put(SinkHarness.batch(from: 2, [(later, "{}")]), now: SinkHarness.start)
        #expect(task.committable() == [partition: 3])
    }

    /// Memory that is short makes no more files: bytes just go to the storage earlier.
    @Test func partitionThatHoldsTheMostIsWrittenOutWhereMemoryIsShort() async throws {
        let large = TopicPartition(topic: partition.topic, partition: 1)
        let task = try harness.task(memoryBytes: 64 << 10)
        _ = try await task.open([SinkPartition(partition), SinkPartition(large)], now: SinkHarness.start)
        let line = String(repeating: "x", count: 40 << 10)
        let half = String(line.prefix(line.utf8.count * 3 / 4))
        try await task.put(SinkHarness.batch(of: large, from: 0, [(SinkHarness.start, line)]), now: SinkHarness.start)
        #expect(try await temporaryLengths() == [0])
        try await task.put(SinkHarness.batch(from: 0, [(SinkHarness.start, half)]), now: SinkHarness.start)
        #expect(try await temporaryLengths() == [0, (40 << 10) + 1])
        #expect(task.committable().isEmpty)
        try await task.put(SinkHarness.batch(of: large, from: 1, [(SinkHarness.start, "{}")]), now: SinkHarness.start)
        try await task.close([partition, large], .handedOver, now: SinkHarness.start)
        #expect(task.committable() == [partition: 1, large: 2])
        #expect(try await harness.filed().map(\.lines) == [[half], [line, "{}"]])
    }

    private func temporaryLengths() async throws -> [Int64] {
        try await harness.files.files(under: StoragePath("raw_data/+tmp")).map(\.length).sorted()
    }
}
