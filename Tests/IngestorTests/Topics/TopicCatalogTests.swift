import CommitLog
import KafkaProtocol
import KafkaTopics
import PipelineTesting
import SystemPackage
import Testing

@testable import Ingestor

/// A name that is used again has nothing of the topic that had it before, whatever the disk did meanwhile.
@Suite struct TopicCatalogTests {
    private let partition = TopicPartition(topic: "events", partition: 0)

    private func withCatalog<Outcome>(
        in root: FilePath,
        disk: FaultyDisk = FaultyDisk(),
        _ body: (TopicCatalog, OffsetStore, LogManager) throws -> Outcome
    ) throws -> Outcome {
        try withOffsets(in: root, calls: disk.calls) { offsets, _, manager in
            let configuration = IngestorConfiguration(directory: root.string)
            let catalog = TopicCatalog(manager: manager, offsets: offsets, configuration: configuration)
            return try body(catalog, offsets, manager)
        }
    }

    /// Lets the log of committed offsets take nothing more until the next start.
    private func fail(_ offsets: OffsetStore, _ disk: FaultyDisk) throws {
        disk.fail([.synchronizeFile])
        #expect(throws: IngestorError.self) { try offsets.flush() }
        disk.fail([])
    }

    @Test func offsetsThatOutliveTheirTopicAreForgottenBeforeItsNameIsUsedAgain() throws {
        try withTemporaryDirectory { root in
            let disk = FaultyDisk()
            try withCatalog(in: root, disk: disk) { catalog, offsets, _ in
                try catalog.create(events)
                try offsets.commit(group: "sink", [partition: CommittedOffset(offset: 7)])
                try fail(offsets, disk)
                let remains = try #require(catalog.delete(["events"])["events"]).get()
                #expect(remains.offsets != nil)
                #expect(catalog.topic("events") == nil)
            }
            try withCatalog(in: root) { catalog, offsets, _ in
                #expect(!offsets.offsets(of: "sink").isEmpty)
                try catalog.create(events)
                #expect(offsets.offsets(of: "sink").isEmpty)
            }
        }
    }

    @Test func topicIsNotMadeWhereOldOffsetsMayComeBack() throws {
        try withTemporaryDirectory { root in
            let disk = FaultyDisk()
            try withCatalog(in: root, disk: disk) { catalog, offsets, _ in
                try offsets.commit(group: "sink", [partition: CommittedOffset(offset: 7)])
                try fail(offsets, disk)
                let refusal = #expect(throws: TopicRefusal.self) { try catalog.create(events) }
                #expect(refusal?.code == .kafkaStorageError)
                #expect(catalog.topic("events") == nil)
            }
            try withCatalog(in: root) { catalog, _, _ in try catalog.create(events) }
            try withCatalog(in: root) { _, offsets, _ in #expect(offsets.offsets(of: "sink").isEmpty) }
        }
    }

    @Test func deletionIsOnTheDeviceBeforeTheNameIsUsedAgain() throws {
        try withTemporaryDirectory { root in
            try withCatalog(in: root) { catalog, offsets, manager in
                try catalog.create(events)
                try offsets.commit(group: "sink", [partition: CommittedOffset(offset: 7)])
                _ = try #require(catalog.delete(["events"])["events"]).get()
                #expect(manager.offsets.flushedOffset < manager.offsets.endOffset)
                try catalog.create(events)
                #expect(manager.offsets.flushedOffset == manager.offsets.endOffset)
            }
        }
    }

    @Test func recordsInTheWayKeepTheirOffsets() throws {
        try withTemporaryDirectory { root in
            try withCatalog(in: root) { catalog, offsets, _ in
                // The list of topics was lost, and may be restored.
                _ = try PartitionLog.open(directory: root.appending("events-0"), configuration: .init(), now: 0)
                try offsets.commit(group: "sink", [partition: CommittedOffset(offset: 7)])
                #expect(throws: TopicRefusal.self) { try catalog.create(events) }
                #expect(offsets.offsets(of: "sink")[partition]?.offset == 7)
            }
        }
    }
}
