import CommitLog
import KafkaTopics
import PipelineTesting
import SystemPackage
import Testing

@testable import Ingestor

/// Retention waits for the groups that the configuration names, and says so.
@Suite struct RetentionWatchTests {
    private let partition = TopicPartition(topic: "events", partition: 0)
    private let sink = RetentionHoldSettings(group: "connect-sink", topics: ["events"], milliseconds: 50)

    @Test func whatTheGroupHasNotCommittedIsHeld() throws {
        try withBroker { broker in
            let watch = RetentionWatch([sink, RetentionHoldSettings(group: "b", topics: ["events"], milliseconds: 9)])
            #expect(watch.hold(on: partition, broker.offsets)?.offset == 0, "nothing is committed")
            try broker.offsets.commit(group: "connect-sink", [partition: CommittedOffset(offset: 7)])
            try broker.offsets.commit(group: "b", [partition: CommittedOffset(offset: 9)])
            #expect(watch.hold(on: partition, broker.offsets) == RetentionHold(offset: 7, milliseconds: 50))
            #expect(watch.hold(on: TopicPartition(topic: "others", partition: 0), broker.offsets) == nil)
            #expect(RetentionWatch([]).hold(on: partition, broker.offsets) == nil)
        }
    }

    @Test func holdingIsToldWhenItBeginsAndWhenItEnds() throws {
        try withTemporaryDirectory { path in
            var configuration = LogConfiguration()
            configuration.retentionMilliseconds = 100
            let log = try PartitionLog.open(directory: path, configuration: configuration, now: 0).log
            _ = try log.append(batch: Batches.batch(["a", "b"]), now: 0)
            let watch = RetentionWatch([sink])
            let lines = CollectedLog()
            let hold = RetentionHold(offset: 1, milliseconds: 50)
            for now in [90, 110, 120] as [Int64] {
                watch.tell(try log.maintain(now: now, hold: hold), of: partition, lines.logger)
            }
            #expect(lines.count(of: "retention keeps old records") == 1)
            watch.tell(try log.maintain(now: 151, hold: hold), of: partition, lines.logger)
            #expect(lines.count(of: "retention deleted records that the sink has not filed") == 1)
            #expect(lines.count(of: "retention no longer waits") == 1)
        }
    }
}
