import CommitLog
import Foundation
import KafkaTopics
import NIOCore
import PipelineTesting
import SystemPackage
import Testing

@Suite(.timeLimit(.minutes(5)))
struct LogManagerTests {
    private func opened(_ root: FilePath) throws -> LogManager {
        try LogManager.open(root: root, defaults: .small, now: 1, calls: .withoutWaiting).manager
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
            let (again, report) = try LogManager.open(root: copy, defaults: .small, now: 1, calls: .withoutWaiting)
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

    @Test func whatCannotBeCreatedIsRefusedAndLeavesNothing() throws {
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
            try FileManager.default.createDirectory(
                atPath: path.appending("c-1").string,
                withIntermediateDirectories: false
            )
            #expect(code { try manager.createTopic("c", partitions: 2, now: 1) } == .invalidTopic)
            #expect(!FileManager.default.fileExists(atPath: path.appending("c-0").string))
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
            let (again, report) = try LogManager.open(root: path, defaults: .small, now: 1, calls: .withoutWaiting)
            #expect(report == OpeningReport())
            #expect(again.log(for: partition("a"))?.endOffset == 1)
        }
    }

    @Test func anInterruptedDeletionIsFinished() throws {
        try withTemporaryDirectory { path in
            let manager = try opened(path)
            try manager.createTopic("a", partitions: 2, now: 1)
            try manager.log(for: partition("a"))?.append(TestBatch())
            try manager.createTopic("b", partitions: 1, now: 1)
            try manager.close()
            // The catalog was written, one directory renamed, the other not.
            let catalog = path.appending("topics.json")
            var text = String(decoding: try catalog.contents(), as: UTF8.self)
            let json = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
            var topics = try #require(json["topics"] as? [String: Any])
            topics["a"] = nil
            let changed: [String: Any] = ["format": 1, "topics": topics, "deletions": ["a-0", "a-1"]]
            text = String(decoding: try JSONSerialization.data(withJSONObject: changed), as: UTF8.self)
            try catalog.replaceContents(Array(text.utf8))
            try FileManager.default.moveItem(
                atPath: path.appending("a-1").string,
                toPath: path.appending("a-1.1-delete").string
            )
            let (again, report) = try LogManager.open(root: path, defaults: .small, now: 1, calls: .withoutWaiting)
            #expect(report.removedDirectories == ["a-0", "a-1.1-delete"])
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
            try FileManager.default.createDirectory(
                atPath: path.appending("backup-2024/deep").string,
                withIntermediateDirectories: true
            )
            let (manager, report) = try LogManager.open(root: path, defaults: .small, now: 1, calls: .withoutWaiting)
            #expect(manager.topics.isEmpty)
            #expect(report.removedDirectories == ["half-0"])
            #expect(report.unknownDirectories == ["stray-0"], "records are never deleted on a guess")
            #expect(FileManager.default.fileExists(atPath: path.appending("stray-0").string))
            #expect(FileManager.default.fileExists(atPath: path.appending("backup-2024/deep").string))
        }
    }

    @Test func aDamagedCatalogDeletesNothing() throws {
        try withTemporaryDirectory { path in
            let manager = try opened(path)
            try manager.createTopic("a", partitions: 1, now: 1)
            try manager.close()
            try path.appending("topics.json").replaceContents(Array("{".utf8))
            #expect(code { _ = try opened(path) } == .damaged)
            #expect(FileManager.default.fileExists(atPath: path.appending("a-0").string))
        }
    }

    @Test func partitionsAreAddedAndSettingsReplaced() throws {
        try withTemporaryDirectory { path in
            let manager = try opened(path)
            try manager.createTopic("a", partitions: 1, now: 1)
            #expect(try manager.addPartitions(toTopic: "a", total: 3, now: 1).partitionCount == 3)
            #expect(code { try manager.addPartitions(toTopic: "a", total: 3, now: 1) } == .invalidTopic)
            try manager.setOverrides(["retention.bytes": "77"], ofTopic: "a")
            #expect(manager.logs.map(\.log.configuration.retentionBytes) == [77, 77, 77])
            #expect(code { try manager.setOverrides(["retention.bytes": "-7"], ofTopic: "a") } == .invalidConfiguration)
            try manager.close()
            let again = try opened(path)
            #expect(again.log(for: partition("a", 2))?.configuration.retentionBytes == 77)
            let entries = try #require(again.configurationEntries(ofTopic: "a"))
            #expect(entries.first { $0.name == "retention.bytes" }?.value == "77")
            #expect(entries.filter { !$0.isDefault }.map(\.name) == ["retention.bytes"])
        }
    }

    @Test func maintenanceReachesEveryLog() throws {
        try withTemporaryDirectory { path in
            let manager = try opened(path)
            try manager.createTopic("a", partitions: 2, overrides: ["retention.ms": "10"], now: 1)
            for (_, log) in manager.logs { try log.append(TestBatch(timestamps: [1]), now: 1) }
            #expect(manager.maintain(now: 100).isEmpty)
            #expect(manager.logs.map(\.log.logStartOffset) == [1, 1])
        }
    }
}
