import CommitLedger
import ConnectAPI
import Foundation
import HDFSSink
import KafkaTopics
import PipelineTesting
import Storage
import SystemPackage
import Testing

/// What a takeover does with records that are not as they should be, seen through the task.
@Suite(.timeLimit(.minutes(15))) struct TakeoverTests {
    let harness = SinkHarness()
    let partition = SinkHarness.partition

    /// A record that was copied to another number or place stops its partition, instead of being read for ever.
    @Test(arguments: [
        ("comportamenti/0/00000000000000000013.json", "it says that it is record 2"),
        ("comportamenti/1/00000000000000000002.json", "it is of comportamenti-0, not of comportamenti-1"),
        ("premi/0/00000000000000000002.json", "it is of comportamenti-0, not of premi-0"),
    ])
    func copiedRecordStopsThePartition(copy: String, reason: String) async throws {
        try await SinkHarness.run(harness.task(), upTo: 6)
        let logs = try StoragePath("_logs/hdfs3-sink")
        let record = try logs.appending("comportamenti/0/00000000000000000002.json")
        try await harness.files.write(harness.files.read(record, bytesMax: 1 << 20), to: logs.appending(copy))
        let parts = copy.split(separator: "/")
        let taken = TopicPartition(topic: String(parts[0]), partition: try #require(Int32(parts[1])))
        let error = await #expect(throws: SinkTaskError.self) {
            _ = try await harness.task(writer: "two").open([SinkPartition(taken)], now: SinkHarness.start)
        }
        #expect(error?.code == .permanent)
        #expect(error?.message.contains(reason) == true, "\(String(describing: error))")
    }

    /// A record that is listed and cannot be read was pruned in between, as a rule, and the takeover begins anew. A link
    /// that leads nowhere is always so.
    @Test func takeoverThatAlwaysBeginsAnewEnds() async throws {
        let directory = try StoragePath("_logs/hdfs3-sink/comportamenti/0")
        try await harness.files.createDirectory(directory)
        let link = try directory.appending("00000000000000000001.json")
        try FileManager.default.createSymbolicLink(
            atPath: harness.directory.path.appending(link.string).string,
            withDestinationPath: "nowhere"
        )
        let error = await #expect(throws: SinkTaskError.self) {
            _ = try await harness.task().open([SinkPartition(partition)], now: SinkHarness.start)
        }
        #expect(error?.code == .retriable)
        #expect(error?.message.contains(directory.string) == true)
    }

    @Test func takeoversThatSucceedStayOpenWhereOthersFail() async throws {
        let partitions = (0..<4).map { TopicPartition(topic: partition.topic, partition: $0) }
        for broken in [partitions[0], partitions[2]] { try await breakRecords(of: broken) }
        let task = try harness.task()
        let error = await #expect(throws: SinkTaskError.self) {
            _ = try await task.open(partitions.map { SinkPartition($0) }, now: SinkHarness.start)
        }
        #expect(error?.partitions == [partitions[0], partitions[2]])
        #expect(error?.code == .permanent)
        for whole in [partitions[1], partitions[3]] {
            try await task.put(
                SinkHarness.batch(of: whole, from: 0, [(SinkHarness.start, "{}")]),
                now: SinkHarness.start
            )
        }
        try await task.close(partitions, .handedOver, now: SinkHarness.start)
        #expect(task.committable() == [partitions[1]: 1, partitions[3]: 1])
    }

    /// Between two turns of this task another one may have filed on: what it handed over is outdated then.
    @Test func whatWasHandedOverIsForgottenAtTheNextTakeover() async throws {
        let task = try harness.task()
        try await SinkHarness.run(task, upTo: 6)
        #expect(task.committable() == [partition: 6])
        try await SinkHarness.run(harness.task(writer: "two"), upTo: 12)
        try await breakRecords(of: partition)
        await #expect(throws: SinkTaskError.self) {
            _ = try await task.open([SinkPartition(partition)], now: SinkHarness.start)
        }
        #expect(task.committable().isEmpty)
    }

    /// A partition that waits for an operator is opened again and again, which adds nothing to its history.
    @Test func takeoverUnderWhichNothingIsFiledIsUsedAgain() async throws {
        try await SinkHarness.run(harness.task(), upTo: 6)
        let before = try #require(try await harness.history().newest?.sequence)
        let task = try harness.task(writer: "two", ["flush.size": "1000"])
        for _ in 0..<20 {
            let start = try await task.open([SinkPartition(partition)], now: SinkHarness.start)[partition]
            #expect(start == 6)
            try await task.put(SinkHarness.batch(6..<9), now: SinkHarness.start)
            try await task.close([partition], .abandoned, now: SinkHarness.start)
        }
        #expect(try await harness.history().newest?.sequence == before + 1)
        // Another task filed on: only a takeover of its own brings this task there.
        try await SinkHarness.run(harness.task(writer: "three"), upTo: 12)
        let next = try #require(try await harness.history().newest?.sequence) + 1
        #expect(try await task.open([SinkPartition(partition)], now: SinkHarness.start)[partition] == 12)
        #expect(try await harness.history().newest?.sequence == next)
        try await task.put(SinkHarness.batch(12..<20), now: SinkHarness.start)
        try await task.close([partition], .handedOver, now: SinkHarness.start)
        try await harness.expectWhole(upTo: 20)
    }

    @Test func takeoverOfAnotherTopicIsNotUsedAgainBeforeAnythingIsFiled() async throws {
        let task = try harness.task()
        for id in ["one", "two"] {
            let opened = SinkPartition(partition, topicID: id)
            let start = try await task.open([opened], now: Moment(at: SinkHarness.start))[partition]
            #expect(start?.topicID == id)
            try await task.close([partition], .abandoned, now: SinkHarness.start)
        }
    }

    @Test func unreadableArchivedRecordIsReportedOnce() async throws {
        try await SinkHarness.run(harness.task(), upTo: 120)
        let archive = try StoragePath("_logs/hdfs3-sink/comportamenti/0/archive")
        let second = try #require(try await harness.files.files(under: archive).dropFirst().first).path
        _ = try await harness.files.delete(second)
        try await harness.files.write(Array("{".utf8), to: second)
        let problems = try await harness.history().problems
        #expect(problems.count == 1, "\(problems)")
        #expect(problems.first?.contains(second.string) == true)
    }

    /// Puts something unreadable where the newest record of a partition would be.
    private func breakRecords(of partition: TopicPartition) async throws {
        let directory = try StoragePath("_logs/hdfs3-sink/\(partition.topic)/\(partition.partition)")
        try await harness.files.write(Array("{".utf8), to: directory.appending("00000000000000000099.json"))
    }
}
