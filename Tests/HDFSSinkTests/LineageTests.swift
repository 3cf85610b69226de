import CommitLedger
import ConnectAPI
import HDFSSink
import KafkaTopics
import PipelineTesting
import Storage
import Testing

/// An offset means one record: what commit records say about the log, and what a person's decision changes.
@Suite(.timeLimit(.minutes(15))) struct LineageTests {
    let harness = SinkHarness()
    let partition = SinkHarness.partition
    let now = Moment(at: SinkHarness.start)

    private func expected(_ offset: Int64, in batch: SinkRecords) throws -> RecordFingerprint {
        try #require(batch.fingerprint(ofLastRecordBefore: offset))
    }

    /// Commits in the midst of a batch, at its end, by the timer, and of offsets without records.
    @Test func eachCommitHasTheFingerprintOfTheLastRecordItExplains() async throws {
        let task = try harness.task(topics: SettableTopics([partition.topic: "id-1"]), ["flush.size": "3"])
        _ = try await task.open([SinkPartition(partition, topicID: "id-1")], now: now)
        // 0 is filtered; 1, 2, 3 are filed by themselves; 4 waits; 5 is filtered.
        let batch = SinkHarness.batch(0..<6)
        try await task.put(batch, now: now)
        var newest = try #require(try await harness.history().newest)
        #expect(newest.next == 4)
        #expect(try newest.fingerprint == expected(4, in: batch))
        #expect(newest.topicID == "id-1")
        try await task.close([partition], .handedOver, now: now)
        newest = try #require(try await harness.history().newest)
        #expect(newest.next == 6)
        #expect(try newest.fingerprint == expected(6, in: batch))

        let other = try harness.task(writer: "two", topics: SettableTopics([partition.topic: "id-2"]))
        let start = try await other.open([SinkPartition(partition, topicID: "id-2")], now: now)[partition]
        #expect(start == SinkStart(next: 6, fingerprint: newest.fingerprint, topicID: "id-1"))
        var gap = SinkRecordsBuilder(partition: partition, firstOffset: 6)
        gap.skip(to: 106, .absent)
        try await other.put(gap.finish(), now: now)
        try await other.close([partition], .handedOver, now: now)
        let last = try #require(try await harness.history().newest)
        #expect(last.next == 106 && last.fingerprint == newest.fingerprint, "no record is among these offsets")
        #expect(last.absent == [CommitRecord.Offsets(first: 6, next: 106)])
    }

    @Test func aResetBeginsALineageWhoseFilesCollideWithNone() async throws {
        try await SinkHarness.run(harness.task(), upTo: 12)
        let before = try await harness.filed()
        let running = try harness.task(writer: "running", topics: SettableTopics([partition.topic: "id-2"]))
        _ = try await running.open([SinkPartition(partition)], now: now)
        try await running.put(SinkHarness.batch(12..<14), now: now)
        try await harness.repair(.reset(next: 6, fingerprint: nil, topicID: "id-2", reason: "made again", time: 1))
        // The task that runs is fenced, and goes on at the new place.
        let error = await #expect(throws: SinkTaskError.self) {
            try await running.close([partition], .handedOver, now: now)
        }
        #expect(error?.code == .fenced)
        let start = try await running.open([SinkPartition(partition, topicID: "id-2")], now: now)[partition]
        #expect(start == SinkStart(next: 6, fingerprint: nil, topicID: "id-2"))
        try await running.put(SinkHarness.batch(6..<12), now: now)
        try await running.close([partition], .handedOver, now: now)

        let after = try await harness.filed()
        #expect(before.allSatisfy { file in after.contains { $0.path == file.path && $0.lines == file.lines } })
        let added = after.filter { file in !before.contains { $0.path == file.path } }
        #expect(!added.isEmpty && added.allSatisfy { $0.path.hasSuffix(".l2.json") })
        #expect(added.flatMap(\.lines).sorted() == (6..<12).filter { $0 % 5 != 0 }.map(SinkHarness.line).sorted())
        let history = try await harness.history()
        #expect(history.problems == [])
        let newest = try #require(history.newest)
        #expect(newest.lineage == 2 && newest.next == 12 && newest.totals.offsets == 6)
        #expect(newest.earlier.offsets == 12)
        #expect(history.records.map(\.record.kind).contains(.reset))
    }

    @Test func aSkipIsCountedAndListed() async throws {
        try await SinkHarness.run(harness.task(), upTo: 12)
        try await harness.repair(.skip(first: 12, next: 15, reason: "cannot be read", time: 1))
        try await SinkHarness.run(harness.task(writer: "two"), upTo: 15)
        let task = try harness.task(writer: "three")
        let start = try await task.open([SinkPartition(partition)], now: now)[partition]
        #expect(start?.next == 15)
        #expect(start?.fingerprint == nil, "who reads on from its record meets what cannot be read")
        let history = try await harness.history()
        #expect(history.problems == [])
        #expect(history.newest?.totals.skipped == 3)
        let skip = try #require(history.records.map(\.record).first { $0.kind == .skip })
        #expect(skip.skipped == [CommitRecord.Offsets(first: 12, next: 15)] && skip.reason == "cannot be read")
    }

    /// Another version reads the records of version 1 and goes on with them.
    @Test func historyOfVersionOneGoesOn() async throws {
        let path = try StoragePath("_logs/hdfs3-sink/comportamenti/0/00000000000000000001.json")
        let text = """
            {"counts":{"absent":0,"bytes":0,"deadLettered":0,"filtered":0,"lost":0,"rows":0},"epoch":1,"files":[],\
            "first":9,"kind":"takeover","lost":[],"missing":[],"next":9,"partition":0,"sequence":1,"time":1,\
            "topic":"comportamenti","totals":{"absent":0,"bytes":0,"deadLettered":0,"filtered":0,"lost":0,"rows":0},\
            "version":1,"writer":"old"}
            """
        try await harness.files.write(Array(text.utf8), to: path)
        let task = try harness.task(topics: SettableTopics([partition.topic: "id"]))
        let start = try await task.open([SinkPartition(partition, topicID: "id")], now: now)[partition]
        // Which topic these offsets belong to is not known: what is there now is not taken for it.
        #expect(start == SinkStart(next: 9))
        try await task.put(SinkHarness.batch(9..<13), now: now)
        try await task.close([partition], .handedOver, now: now)
        let history = try await harness.history()
        #expect(history.problems == [])
        #expect(history.records.map(\.record.version) == [1, 2, 2])
        #expect(history.newest?.topicID == "id" && history.newest?.fingerprint?.offset == 12)
    }

    @Test(arguments: [
        (["comportamenti_0_0000000000_0000000009.json", "comportamenti_0_10_11.json"], Int64(12), Int64(1)),
        (
            ["comportamenti_0_9_9.json", "comportamenti_0_10_10.json", "comportamenti+0+0000000003+0000000004.avro"],
            11, 1
        ),
        (["comportamenti_0_0_99.json", "a/b/comportamenti_0_0_19.l2.json", "comportamenti_0_0_9.l2.json"], 20, 2),
        (["comportamenti_0_0_9.json", "_x/comportamenti_0_0_99.json", "+y/z/comportamenti_0_0_99.json"], 10, 1),
        (["comportamenti_0_0_9.json", ".comportamenti_0_0_99.json", "_comportamenti_0_0_99.json"], 10, 1),
        (["comportamenti_0_0_9.json", "comportamenti_0_0_99999999999999999999.json"], 10, 1),
    ])
    func aFirstTakeoverGoesByNames(names: [String], next: Int64, lineage: Int64) async throws {
        for name in names { try await harness.files.write([10], to: StoragePath("raw_data/comportamenti/\(name)")) }
        let task = try harness.task()
        let start = try await task.open([SinkPartition(partition)], now: now)[partition]
        #expect(start?.next == next)
        try await task.put(SinkHarness.batch(next..<next + 4), now: now)
        try await task.close([partition], .handedOver, now: now)
        let newest = try #require(try await harness.history().newest)
        #expect(newest.lineage == lineage)
        #expect(newest.files.allSatisfy { $0.final.hasSuffix(".l2.json") == (lineage == 2) })
    }
}
