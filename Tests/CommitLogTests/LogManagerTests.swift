import CommitLog
import Foundation
import KafkaProtocol
import KafkaTopics
import NIOCore
import PipelineTesting
import Synchronization
import SystemPackage
import Testing

@Suite(.timeLimit(.minutes(15)))
struct LogManagerTests {
    private func opened(_ root: FilePath) throws -> LogManager {
        try LogManager.open(root: root, defaults: .small, calls: .withoutWaiting).manager
    }

    private func code(_ body: () throws -> Void) -> LogError.Code? {
        do {
            try body()
            return nil
        } catch {
            return (error as? LogError)?.code
        }
    }

    private func partition(_ topic: String, _ number: Int32 = 0) -> TopicPartition {
        TopicPartition(topic: topic, partition: number)
    }

    @Test(arguments: [true, false])
    func topicsAndRecordsAreThereAfterARestart(closesInOrder: Bool) throws {
        try withTemporaryDirectory { path in
            let copy = path.appending("copy")
            let root = path.appending("root")
            let manager = try opened(root)
            try manager.createTopic("utenti", partitions: 2, overrides: ["retention.ms": "172800000"], now: 1)
            try manager.createTopic("premi", partitions: 1, now: 1)
            try manager.log(for: partition("utenti", 1))?.append(TestBatch())
            if closesInOrder { try manager.close() }
            try root.copyTree(to: copy)
            let (again, report) = try LogManager.open(root: copy, defaults: .small, calls: .withoutWaiting)
            #expect(again.topics.map(\.name) == ["premi", "utenti"])
            #expect(again.topic(named: "utenti")?.partitionCount == 2)
            #expect(again.log(for: partition("utenti", 1))?.endOffset == 1)
            #expect(again.log(for: partition("utenti", 0))?.configuration.retentionMilliseconds == 172_800_000)
            #expect(again.log(for: partition("premi"))?.configuration.retentionMilliseconds == nil)
            #expect(again.log(for: partition("utenti", 2)) == nil)
            #expect(report.recoveries.isEmpty == closesInOrder)
        }
    }

    @Test func aSecondManagerIsKeptOut() throws {
        try withTemporaryDirectory { path in
            let first = try opened(path)
            let error = #expect(throws: LogError.self) { _ = try opened(path) }
            #expect(error?.code == .locked)
            #expect(error?.description.contains(path.string) == true)
            try first.close()
            _ = try opened(path)
        }
    }

    @Test func anInvalidTopicIsRefusedAndLeavesNothing() throws {
        try withTemporaryDirectory { path in
            let manager = try opened(path)
            try manager.createTopic("a", partitions: 1, now: 1)
            #expect(code { try manager.createTopic("a", partitions: 1, now: 1) } == .topicExists)
            #expect(code { try manager.createTopic("a/b", partitions: 1, now: 1) } == .invalidTopic)
            #expect(code { try manager.createTopic("..", partitions: 1, now: 1) } == .invalidTopic)
            #expect(code { try manager.createTopic("b", partitions: 0, now: 1) } == .invalidTopic)
            #expect(
                code { try manager.createTopic("b", partitions: 1, overrides: ["retention": "1"], now: 1) }
                    == .invalidConfiguration
            )
            try path.appending("c-1").makeDirectory()
            #expect(code { try manager.createTopic("c", partitions: 2, now: 1) } == .invalidTopic)
            #expect(!path.appending("c-0").exists)
            #expect(manager.topics.map(\.name) == ["a"])
        }
    }

    @Test func aDeletedTopicIsGoneAndItsNameIsFree() throws {
        try withTemporaryDirectory { path in
            let manager = try opened(path)
            try manager.createTopic("a", partitions: 2, now: 1)
            let log = try #require(manager.log(for: partition("a")))
            try log.append(TestBatch(tag: "old"))
            let slice = try #require(try log.read(from: 0, maxBytes: 1_000))
            try manager.deleteTopic("a")
            #expect(manager.topic(named: "a") == nil)
            #expect(throws: LogError.self) { try log.append(TestBatch()) }
            #expect(try slice.bytes().readableBytes > 0, "a reader may finish")
            #expect(code { try manager.deleteTopic("a") } == .unknownTopic)
            try manager.createTopic("a", partitions: 1, now: 1)
            #expect(manager.log(for: partition("a"))?.endOffset == 0)
            try manager.log(for: partition("a"))?.append(TestBatch())
            try manager.close()
            let (again, report) = try LogManager.open(root: path, defaults: .small, calls: .withoutWaiting)
            #expect(report == OpeningReport())
            #expect(again.log(for: partition("a"))?.endOffset == 1)
        }
    }

    @Test func anInterruptedDeletionIsCompleted() throws {
        try withTemporaryDirectory { path in
            let manager = try opened(path)
            try manager.createTopic("a", partitions: 2, now: 1)
            try manager.log(for: partition("a"))?.append(TestBatch())
            try manager.createTopic("b", partitions: 1, now: 1)
            try manager.close()
            let others = ["photos-delete", "+deleted-", "+deleted-01", "+deleted-x", "+deleted--1"]
            for name in others { try path.appending(name).makeDirectory() }
            // The list was written, one directory renamed, the other not.
            let list = path.appending("topics.json")
            var text = String(decoding: try list.contents(), as: UTF8.self)
            let payload = text.drop { $0 != "\n" }
            let json = try #require(try JSONSerialization.jsonObject(with: Data(payload.utf8)) as? [String: Any])
            var topics = try #require(json["topics"] as? [String: Any])
            topics["a"] = nil
            let changed: [String: Any] = ["format": 1, "topics": topics, "deletions": ["a-0", "a-1"]]
            text = String(decoding: try JSONSerialization.data(withJSONObject: changed), as: UTF8.self)
            try list.replaceContents(Array(text.utf8))
            try FileManager.default.moveItem(
                atPath: path.appending("a-1").string,
                toPath: path.appending("+deleted-1").string
            )
            let (again, report) = try LogManager.open(root: path, defaults: .small, calls: .withoutWaiting)
            #expect(report.removedDirectories == ["+deleted-1", "a-0"])
            for name in others { #expect(path.appending(name).exists, "\(name) belongs to others") }
            #expect(again.topics.map(\.name) == ["b"])
            try again.createTopic("a", partitions: 1, now: 1)
            #expect(again.log(for: partition("a"))?.endOffset == 0)
        }
    }

    @Test func anInterruptedCreationLeavesNoTopic() throws {
        try withTemporaryDirectory { path in
            try opened(path).close()
            _ = try PartitionLog.opened(path.appending("half-0"))
            let stray = try PartitionLog.opened(path.appending("stray-0"))
            try stray.append(TestBatch())
            try path.appending("backup-2024/deep").makeDirectory()
            try path.appending("damaged-0").makeDirectory()
            try path.appending("damaged-0/00000000000000000007.log.set-aside-2").replaceContents([1])
            let (manager, report) = try LogManager.open(root: path, defaults: .small, calls: .withoutWaiting)
            #expect(manager.topics.isEmpty)
            #expect(report.removedDirectories == ["half-0"])
            #expect(report.unknownDirectories == ["damaged-0", "stray-0"], "records are never deleted on a guess")
            #expect(path.appending("stray-0").exists)
            #expect(path.appending("backup-2024/deep").exists)
        }
    }

    @Test func aDamagedListOfTopicsDeletesNothing() throws {
        try withTemporaryDirectory { path in
            let manager = try opened(path)
            try manager.createTopic("a", partitions: 1, now: 1)
            try manager.close()
            try path.appending("topics.json").replaceContents(Array("{".utf8))
            #expect(code { _ = try opened(path) } == .damaged)
            #expect(path.appending("a-0").exists)
        }
    }

    @Test func aTopicsSettingsHold() throws {
        try withTemporaryDirectory { path in
            let manager = try opened(path)
            try manager.createTopic("a", partitions: 3, overrides: ["retention.bytes": "77"], now: 1)
            #expect(manager.logs.map(\.log.configuration.retentionBytes) == [77, 77, 77])
            try manager.close()
            let again = try opened(path)
            #expect(again.log(for: partition("a", 2))?.configuration.retentionBytes == 77)
            let entries = try #require(again.configurationEntries(ofTopic: "a"))
            #expect(entries.first { $0.name == "retention.bytes" }?.value == "77")
            #expect(entries.filter { !$0.isDefault }.map(\.name) == ["retention.bytes"])
            #expect(entries.filter(\.isReadOnly).map(\.value) == [again.topic(named: "a")?.id.description])
        }
    }

    @Test func aCreationThatFailsCanBeTriedAgain() throws {
        try withTemporaryDirectory { path in
            let disk = FailingDisk()
            let manager = try LogManager.open(root: path, defaults: .small, calls: disk.calls).manager
            disk.state.withLock { $0.room = 0 }
            #expect(code { try manager.createTopic("a", partitions: 2, now: 1) } == .storageFull)
            #expect(manager.topics.isEmpty)
            #expect(!path.appending("a-0").exists)
            disk.state.withLock { $0.room = nil }
            try manager.createTopic("a", partitions: 2, now: 1)
            #expect(manager.logs.count == 2)
        }
    }

    @Test func aChangeThatFailsAtItsLastStepIsReverted() throws {
        try withTemporaryDirectory { path in
            let disk = FailingDisk()
            let root = path.appending("root")
            let manager = try LogManager.open(root: root, defaults: .small, calls: disk.calls).manager
            try manager.createTopic("a", partitions: 1, now: 1)
            disk.state.withLock { $0.failingDirectory = FailingDisk.inode(of: root) }
            let changes = [
                { _ = try manager.createTopic("b", partitions: 1, now: 1) }, { try manager.deleteTopic("a") },
            ]
            for (index, change) in changes.enumerated() {
                #expect(code(change) == .storageFailed)
                #expect(manager.topics.map(\.name) == ["a"])
                let copy = path.appending("copy-\(index)")
                try root.copyTree(to: copy)
                #expect(try opened(copy).topics.map(\.name) == ["a"])
            }
            try manager.log(for: partition("a"))?.append(TestBatch())
        }
    }

    @Test func aTopicIsNotMadeWhereItsPreparationFails() throws {
        try withTemporaryDirectory { path in
            let manager = try opened(path)
            #expect(
                code {
                    try manager.createTopic("a", partitions: 1, now: 1) { _ throws(LogError) in
                        throw LogError(.storageFull, "no room for what has to be before")
                    }
                } == .storageFull
            )
            #expect(manager.topics.isEmpty)
            #expect(!path.appending("a-0").exists)
        }
    }

    @Test func aTopicWithTheLongestNameIsDeleted() throws {
        try withTemporaryDirectory { path in
            let name = String(repeating: "n", count: TopicName.lengthMax)
            let manager = try opened(path)
            for _ in 0..<2 {
                try manager.createTopic(name, partitions: 11, now: 1)
                try manager.deleteTopic(name)
            }
            try manager.close()
            let files = try FileManager.default.contentsOfDirectory(atPath: path.string).sorted()
            let kept = ["log-clock.json", "reserved-offsets.json", "topics.json", "unchecked-batches.json"]
            #expect(files == [".lock"] + kept)
        }
    }

    @Test func newDirectoriesAreOnTheDevice() throws {
        try withTemporaryDirectory { path in
            let disk = FailingDisk()
            let root = path.appending("a/b")
            _ = try LogManager.open(root: root, defaults: .small, calls: disk.calls)
            let synchronized = disk.state.withLock { $0.synchronizedDirectories }
            // Files in the root follow.
            #expect(Array(synchronized.prefix(2)) == [path, path.appending("a")].map(FailingDisk.inode))
        }
    }

    @Test(arguments: ["new/.", "new/./deeper", "new/deeper/.."])
    func aRootMayBeNamedInARoundaboutWay(name: String) throws {
        try withTemporaryDirectory { path in
            let manager = try opened(FilePath(path.string + "/" + name))
            try manager.close()
            #expect(path.appending("new").exists)
        }
    }

    @Test func aFileInTheWayIsNamed() throws {
        try withTemporaryDirectory { path in
            try path.appending("file").replaceContents([1])
            for root in [path.appending("file"), path.appending("file/deeper")] {
                let error = #expect(throws: LogError.self) { _ = try opened(root) }
                #expect(error?.code == .storageFailed)
                let file = path.appending("file").string
                #expect(error?.description.hasPrefix("cannot make the directory \(file): ") == true)
                #expect(error?.description.contains("Move away what has this name") == true)
            }
        }
    }

    @Test func maintenanceReachesEveryLog() throws {
        try withTemporaryDirectory { path in
            let manager = try opened(path)
            try manager.createTopic("a", partitions: 2, overrides: ["retention.ms": "10"], now: 1)
            for (_, log) in manager.logs { try log.append(TestBatch(timestamps: [1]), now: 1) }
            let results = manager.maintain(now: 100)
            #expect(results.values.allSatisfy { (try? $0.get().segmentsDeleted) == 1 })
            #expect(manager.logs.map(\.log.logStartOffset) == [1, 1])
        }
    }
}
