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

    private func withCatalog(_ body: (TopicCatalog, OffsetStore, FaultyDisk, FilePath) throws -> Void) throws {
        try withTemporaryDirectory { directory in
            let configuration = IngestorConfiguration(directory: directory.string)
            let (manager, _) = try LogManager.open(root: directory, defaults: configuration.log)
            let disk = FaultyDisk()
            let (offsets, _) = try OffsetStore.open(at: directory.appending("offsets"), disk: disk.disk)
            let catalog = TopicCatalog(
                manager: manager,
                offsets: offsets,
                configuration: configuration
            )
            try body(catalog, offsets, disk, directory)
            try manager.close()
        }
    }

    @Test func offsetsThatOutliveTheirTopicAreForgottenBeforeItsNameIsUsedAgain() throws {
        try withCatalog { catalog, offsets, disk, _ in
            try catalog.create(events)
            try offsets.commit(group: "sink", [partition: CommittedOffset(offset: 7)])
            disk.fail([.write])
            let remains = try catalog.delete("events")
            #expect(remains.offsets != nil)
            #expect(catalog.topic("events") == nil)
            disk.fail([])
            try catalog.create(events)
            #expect(offsets.offsets(of: "sink").isEmpty)
        }
    }

    @Test(arguments: [FaultyDisk.Call.write, .synchronizeFile])
    func topicIsNotMadeWhereOldOffsetsMayComeBack(fault: FaultyDisk.Call) throws {
        try withCatalog { catalog, offsets, disk, directory in
            try offsets.commit(group: "sink", [partition: CommittedOffset(offset: 7)])
            disk.fail([fault])
            let refusal = #expect(throws: TopicRefusal.self) { try catalog.create(events) }
            #expect(refusal?.code == .kafkaStorageError)
            #expect(catalog.topic("events") == nil)
            disk.fail([])
            try catalog.create(events)
            let (again, _) = try OffsetStore.open(at: directory.appending("offsets"))
            #expect(again.offsets(of: "sink").isEmpty)
        }
    }

    @Test func deletionIsOnTheDeviceBeforeTheNameIsUsedAgain() throws {
        try withCatalog { catalog, offsets, disk, _ in
            try catalog.create(events)
            try offsets.commit(group: "sink", [partition: CommittedOffset(offset: 7)])
            _ = try catalog.delete("events")
            let count = disk.count(of: .synchronizeFile)
            try catalog.create(events)
            #expect(disk.count(of: .synchronizeFile) == count + 1)
        }
    }

    @Test func recordsInTheWayKeepTheirOffsets() throws {
        try withCatalog { catalog, offsets, _, directory in
            // The list of topics was lost, and may be restored.
            _ = try PartitionLog.open(directory: directory.appending("events-0"), configuration: .init(), now: 0)
            try offsets.commit(group: "sink", [partition: CommittedOffset(offset: 7)])
            #expect(throws: TopicRefusal.self) { try catalog.create(events) }
            #expect(offsets.offsets(of: "sink")[partition]?.offset == 7)
        }
    }
}
