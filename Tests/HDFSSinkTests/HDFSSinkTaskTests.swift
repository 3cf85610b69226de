import CommitLedger
import ConnectAPI
import HDFSSink
import KafkaTopics
import PipelineTesting
import Storage
import Testing

@Suite(.timeLimit(.minutes(15))) struct HDFSSinkTaskTests {
    let harness = SinkHarness()
    let partition = SinkHarness.partition

    @Test func eachRecordIsFiledOnceUnderItsHour() async throws {
        try await SinkHarness.run(harness.task(), upTo: 40)
        try await harness.expectWhole(upTo: 40)
        let files = try await harness.filed()
        // Paris is an hour ahead of UTC in March; the eleventh second begins the next hour.
        #expect(files.first?.path == "raw_data/comportamenti/2021/03/24/11/comportamenti_0_0000000001_0000000008.json")
        #expect(Set(files.map { $0.path.prefix(41) }).count == 2)
        #expect(files.allSatisfy { $0.lines.count <= 7 })
    }

    @Test func aSecondTaskGoesOnWhereTheFirstEnded() async throws {
        try await SinkHarness.run(harness.task(), upTo: 13)
        let second = try harness.task(writer: "two")
        let starts = try await second.open([SinkPartition(partition)], now: SinkHarness.start)
        #expect(starts == [partition: 13])
        #expect(second.committable() == [partition: 13])
        try await second.put(SinkHarness.batch(13..<30), now: SinkHarness.start)
        try await second.close([partition], .handedOver, now: SinkHarness.start)
        try await harness.expectWhole(upTo: 30)
    }

    @Test(arguments: [Int64.max, Int64.min, 253_402_300_800_000, -2])
    func timeBeyondTheCalendarIsFiledAllTheSame(milliseconds: Int64) async throws {
        let task = try harness.task(writer: "one")
        _ = try await task.open([SinkPartition(partition)], now: SinkHarness.start)
        var builder = SinkRecordsBuilder(partition: partition, firstOffset: 0)
        Array(SinkHarness.line(0).utf8).withUnsafeBytes { line in
            _ = builder.append(offset: 0, timestamp: Timestamp(milliseconds: milliseconds), key: nil, value: line)
        }
        try await task.put(builder.finish(), now: SinkHarness.start)
        try await task.close([partition], .handedOver, now: SinkHarness.start)
        #expect(try await harness.filed().count == 1)
    }

    @Test func nothingIsCommittableBeforeItIsFiled() async throws {
        let task = try harness.task(writer: "one", ["flush.size": "100"])
        #expect(try await task.open([SinkPartition(partition)], now: SinkHarness.start) == [:])
        try await task.put(SinkHarness.batch(0..<10), now: SinkHarness.start)
        #expect(task.committable() == [:])
        #expect(try await harness.filed().isEmpty)
        try await task.close([partition], .lost, now: SinkHarness.start)
        #expect(try await harness.filed().isEmpty)
        #expect(try await harness.files.files(under: StoragePath("raw_data/+tmp")) == [])
    }

    @Test func timeAloneFilesWhatWasTaken() async throws {
        let task = try harness.task(writer: "one", ["flush.size": "100", "visible.within.ms": "60000"])
        _ = try await task.open([SinkPartition(partition)], now: SinkHarness.start)
        #expect(task.nextDeadline(now: SinkHarness.start) == nil)
        try await task.put(SinkHarness.batch(0..<5), now: SinkHarness.start)
        // The hour of the records is over in ten seconds, which comes before the minute.
        let deadline = try #require(task.nextDeadline(now: SinkHarness.start))
        #expect(deadline == SinkHarness.start.advanced(byMilliseconds: 10_000))
        try await task.timerFired(now: deadline.advanced(byMilliseconds: -1))
        #expect(try await harness.filed().isEmpty)
        try await task.timerFired(now: deadline)
        #expect(try await harness.filed().count == 1)
        #expect(task.committable() == [partition: 5])
        #expect(task.nextDeadline(now: deadline) == nil)
    }

    /// What is held is filed within a quarter of the retention.
    @Test func retentionThatBecomesShorterCountsForWhatIsHeld() async throws {
        let task = try harness.task(writer: "one", ["flush.size": "100", "visible.within.ms": "60000"])
        _ = try await task.open(
            [SinkPartition(partition, retentionMilliseconds: 86_400_000)],
            now: SinkHarness.start
        )
        try await task.put(SinkHarness.batch(0..<5), now: SinkHarness.start)
        task.retentionChanged(ofTopic: "another", milliseconds: 8_000)
        #expect(task.nextDeadline(now: SinkHarness.start) == SinkHarness.start.advanced(byMilliseconds: 10_000))
        task.retentionChanged(ofTopic: partition.topic, milliseconds: 8_000)
        #expect(task.nextDeadline(now: SinkHarness.start) == SinkHarness.start.advanced(byMilliseconds: 2_000))
    }

    @Test func aBatchOfFilteredRecordsMovesThePlace() async throws {
        var builder = SinkRecordsBuilder(partition: partition, firstOffset: 0)
        builder.skip(to: 4, .filtered)
        builder.skip(to: 6, .deadLettered)
        let task = try harness.task()
        _ = try await task.open([SinkPartition(partition)], now: SinkHarness.start)
        try await task.put(builder.finish(), now: SinkHarness.start)
        let deadline = try #require(task.nextDeadline(now: SinkHarness.start))
        try await task.timerFired(now: deadline)
        #expect(task.committable() == [partition: 6])
        let newest = try #require(try await newestRecord())
        #expect(newest.totals == CommitCounts(unfiled: .init(filtered: 4, deadLettered: 2)))
        #expect(newest.files == [])
    }

    @Test func recordsLostToRetentionAreNamed() async throws {
        try await SinkHarness.run(harness.task(), upTo: 6)
        let task = try harness.task(writer: "two")
        _ = try await task.open([SinkPartition(partition)], now: SinkHarness.start)
        var builder = SinkRecordsBuilder(partition: partition, firstOffset: 6)
        builder.skip(to: 100, .lost)
        Array("{}".utf8).withUnsafeBytes { bytes in
            _ = builder.append(offset: 100, timestamp: SinkHarness.start, key: nil, value: bytes)
            _ = builder.append(offset: 101, timestamp: .unknown, key: nil, value: nil)
        }
        try await task.put(builder.finish(), now: SinkHarness.start)
        try await task.close([partition], .handedOver, now: SinkHarness.start)
        let newest = try #require(try await newestRecord())
        #expect(newest.lost == [CommitRecord.Offsets(first: 6, next: 100)])
        #expect(newest.counts.lost == 94)
        #expect(newest.counts.rows == 1)
        #expect(newest.counts.filtered == 1, "a record without a value has no line")
        #expect(newest.next == 102)
    }

    @Test func theNewerOfTwoTasksWins() async throws {
        let (old, new) = (try harness.task(writer: "old"), try harness.task(writer: "new"))
        _ = try await old.open([SinkPartition(partition)], now: SinkHarness.start)
        try await old.put(SinkHarness.batch(0..<6), now: SinkHarness.start)
        try await SinkHarness.run(new, upTo: 20)
        await #expect {
            try await old.put(SinkHarness.batch(6..<20), now: SinkHarness.start)
        } throws: { ($0 as? SinkTaskError)?.code == .fenced }
        try await harness.expectWhole(upTo: 20)
        // It may take over again.
        #expect(try await old.open([SinkPartition(partition)], now: SinkHarness.start) == [partition: 20])
    }

    @Test func namesOfFilesAreThePlaceWhereThereAreNoRecords() async throws {
        for name in ["comportamenti+0+0000000000+0000000041.json", "comportamenti+1+0000000000+0000000099.json"] {
            try await harness.files.write([10], to: StoragePath("raw_data/comportamenti/2021/03/24/10/\(name)"))
        }
        let task = try harness.task()
        #expect(try await task.open([SinkPartition(partition)], now: SinkHarness.start) == [partition: 42])
    }

    @Test func recordsOutOfPlaceAreRefused() async throws {
        try await SinkHarness.run(harness.task(), upTo: 6)
        let task = try harness.task(writer: "two")
        _ = try await task.open([SinkPartition(partition)], now: SinkHarness.start)
        await #expect {
            try await task.put(SinkHarness.batch(8..<9), now: SinkHarness.start)
        } throws: { ($0 as? SinkTaskError)?.code == .permanent }
    }

    /// Its own checksum tells of a change; where that was made to fit, the hash in the record behind it does.
    @Test(arguments: [false, true]) func aChangedRecordIsFound(fitsChecksum: Bool) async throws {
        try await SinkHarness.run(harness.task(), upTo: 20)
        let path = try StoragePath("_logs/hdfs3-sink/comportamenti/0/00000000000000000002.json")
        var bytes = try await harness.files.read(path, bytesMax: 1 << 20)
        if fitsChecksum {
            var record = try CommitRecordCoding.record(from: bytes).record
            record.writer += "'"
            bytes = try CommitRecordCoding.bytes(of: record)
        } else {
            bytes[bytes.count / 2] ^= 1
        }
        _ = try await harness.files.delete(path)
        try await harness.files.write(bytes, to: path)
        let problems = try await harness.history().problems
        #expect(problems.count == 1, "\(problems)")
        #expect(problems.first?.contains(fitsChecksum ? "00000000000000000003.json" : path.string) == true)
        #expect(problems.first?.contains(fitsChecksum ? "another hash" : "damaged") == true)
    }

    @Test func aBrokenNewestRecordStopsThePartition() async throws {
        try await SinkHarness.run(harness.task(), upTo: 20)
        let path = try StoragePath("_logs/hdfs3-sink/comportamenti/0/00000000000000000099.json")
        try await harness.files.write(Array("{".utf8), to: path)
        await #expect {
            _ = try await harness.task(writer: "two").open([SinkPartition(partition)], now: SinkHarness.start)
        } throws: { error in
            guard let error = error as? SinkTaskError else { return false }
            return error.code == .permanent && error.message.contains("00000000000000000099.json")
        }
    }

    private func newestRecord() async throws -> CommitRecord? {
        let reader = try CommitRecordReader(
            storage: harness.files,
            logsDirectory: StoragePath("_logs"),
            connector: "hdfs3-sink"
        )
        return try await reader.history(of: partition).newest
    }
}
