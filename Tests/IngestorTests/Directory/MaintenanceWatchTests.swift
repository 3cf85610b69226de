import CommitLog
import KafkaTopics
import PipelineTesting
import SystemPackage
import Testing

@testable import Ingestor

/// Maintenance that fails says so when that begins, when the reason changes and when it ends, not at every round.
@Suite struct MaintenanceWatchTests {
    private let partition = TopicPartition(topic: "events", partition: 0)
    private let log = CollectedLog()

    private func fail(_ watch: MaintenanceWatch, _ partition: TopicPartition, _ reason: String) {
        watch.watch(.log(partition), log.logger) { () throws(IngestorError) in throw .log(reason) }
    }

    @Test func aFailureIsToldWhenItBeginsChangesAndEnds() {
        let watch = MaintenanceWatch()
        let other = TopicPartition(topic: "events", partition: 1)
        for _ in 0..<3 {
            fail(watch, partition, "the disk is full")
            fail(watch, other, "the disk is full")
        }
        #expect(log.all.count == 2, "each partition is told once")
        for _ in 0..<3 { fail(watch, partition, "permission denied") }
        #expect(log.all.count == 3)
        #expect(log.count(of: "permission denied") == 1)
        for _ in 0..<3 { watch.watch(.log(partition), log.logger) {} }
        #expect(log.all.count == 4)
        #expect(log.count(of: "maintenance of the log works again") == 1)
        fail(watch, partition, "the disk is full")
        #expect(log.all.count == 5, "it has begun again")
    }

    @Test func aPartitionThatIsGoneIsForgotten() {
        let watch = MaintenanceWatch()
        fail(watch, partition, "the disk is full")
        watch.keep([TopicPartition(topic: "others", partition: 0)])
        watch.watch(.log(partition), log.logger) {}
        #expect(log.all.count == 1)
    }

    @Test func maintenanceOfADirectoryToldOnceWorksAgainWhenTheDiskDoes() throws {
        try withTemporaryDirectory { directory in
            let disk = FaultyDisk()
            var configuration = IngestorConfiguration(directory: directory.string)
            configuration.log.segmentMilliseconds = -1
            let data = try DataDirectory(configuration, logger: log.logger, calls: disk.calls)
            try data.offsets.commit(group: "g", [partition: CommittedOffset(offset: 1)])
            // The old segment cannot be sealed: the snapshot of the producers does not get its name.
            disk.fail([.rename])
            for _ in 0..<3 { data.maintain(logger: log.logger) }
            #expect(log.count(of: "maintenance of the log failed") == 1)
            disk.fail([])
            for _ in 0..<3 { data.maintain(logger: log.logger) }
            #expect(log.count(of: "maintenance of the log works again") == 1)
            try data.close()
        }
    }
}
