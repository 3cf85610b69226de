import Files
import Foundation
import KafkaTopics
import PipelineTesting
import Synchronization
import SystemPackage
import Testing

@testable import CommitLog

/// Topics get more partitions and other settings while they are used.
@Suite(.timeLimit(.minutes(15)))
struct TopicChangesTests {
    private func opened(_ root: FilePath, _ calls: DiskCalls = .withoutWaiting) throws -> LogManager {
        try LogManager.open(root: root, defaults: .small, calls: calls).manager
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
    func newPartitionsAreThereAfterARestart(closesInOrder: Bool) throws {
        try withTemporaryDirectory { path in
            let (root, copy) = (path.appending("root"), path.appending("copy"))
            let manager = try opened(root)
            try manager.createTopic("a", partitions: 1, overrides: ["retention.bytes": "77"], now: 1)
            let id = manager.topic(named: "a")?.id
            try manager.log(for: partition("a"))?.append(TestBatch())
            try manager.addPartitions(to: "a", count: 3, now: 1)
            #expect(manager.logs.map(\.partition.partition) == [0, 1, 2])
            try manager.log(for: partition("a", 2))?.append(TestBatch())
            if closesInOrder { try manager.close() }
            try root.copyTree(to: copy)
            let again = try opened(copy)
            #expect(again.topic(named: "a")?.partitionCount == 3)
            #expect(again.topic(named: "a")?.id == id)
            #expect(again.logs.map(\.log.endOffset) == [1, 0, 1])
            #expect(again.logs.map(\.log.configuration.retentionBytes) == [77, 77, 77])
        }
    }

    @Test func partitionsAreNotTakenAway() throws {
        try withTemporaryDirectory { path in
            let manager = try opened(path)
            try manager.createTopic("a", partitions: 2, now: 1)
            for count: Int32 in [-1, 0, 1, 2, LogLimits.partitionsPerTopicMax + 1] {
                #expect(code { try manager.addPartitions(to: "a", count: count, now: 1) } == .invalidPartitionCount)
            }
            #expect(code { try manager.addPartitions(to: "b", count: 3, now: 1) } == .unknownTopic)
            #expect(
                code { try manager.addPartitions(to: "a", count: 4, partitionsMax: 3, now: 1) } == .limitReached
            )
            #expect(manager.partitionCount == 2)
        }
    }

    @Test func partitionsThatCannotBeMadeLeaveTheTopicAsItWas() throws {
        try withTemporaryDirectory { path in
            let disk = FailingDisk()
            let root = path.appending("root")
            let manager = try opened(root, disk.calls)
            try manager.createTopic("a", partitions: 1, now: 1)
            try root.appending("a-2").makeDirectory()
            #expect(code { try manager.addPartitions(to: "a", count: 3, now: 1) } == .invalidTopic)
            #expect(!root.appending("a-1").exists)
            try FileManager.default.removeItem(atPath: root.appending("a-2").string)
            disk.state.withLock { $0.failingDirectory = FailingDisk.inode(of: root) }
            #expect(code { try manager.addPartitions(to: "a", count: 3, now: 1) } == .storageFailed)
            #expect(manager.topic(named: "a")?.partitionCount == 1)
            #expect(!root.appending("a-1").exists)
            let copy = path.appending("copy")
            try root.copyTree(to: copy)
            #expect(try opened(copy).logs.count == 1)
            disk.state.withLock { $0.failingDirectory = nil }
            try manager.addPartitions(to: "a", count: 3, now: 1)
            #expect(manager.logs.count == 3)
        }
    }

    /// What a crash leaves between the directories and the list.
    @Test func partitionsThatWereNotRecordedAreNot() throws {
        try withTemporaryDirectory { path in
            let manager = try opened(path)
            try manager.createTopic("a", partitions: 1, now: 1)
            try manager.close()
            _ = try PartitionLog.opened(path.appending("a-1"))
            let again = try opened(path)
            #expect(again.logs.count == 1)
            #expect(!path.appending("a-1").exists)
            try again.addPartitions(to: "a", count: 2, now: 1)
            #expect(again.log(for: partition("a", 1))?.endOffset == 0)
        }
    }

    @Test func settingsChangeAtOnceAndStay() throws {
        try withTemporaryDirectory { path in
            let manager = try opened(path)
            try manager.createTopic("a", partitions: 2, overrides: ["retention.bytes": "77"], now: 1)
            try manager.changeOverrides(of: "a") { overrides in
                overrides["flush.messages"] = "1"
                overrides["retention.bytes"] = nil
            }
            for (_, log) in manager.logs {
                #expect(log.configuration.retentionBytes == nil)
                #expect(log.appendWork == .flushes)
            }
            try manager.close()
            let again = try opened(path)
            #expect(again.topic(named: "a")?.overrides == ["flush.messages": "1"])
            #expect(again.logs.map(\.log.appendWork) == [.flushes, .flushes])
        }
    }

    @Test func settingsThatAreRefusedChangeNothing() throws {
        try withTemporaryDirectory { path in
            let disk = FailingDisk()
            let manager = try opened(path.appending("root"), disk.calls)
            try manager.createTopic("a", partitions: 1, now: 1)
            let wrong: (inout [String: String]) -> Void = {
                $0["retention.bytes"] = "5"
                $0["segment.bytes"] = "many"
            }
            #expect(code { try manager.changeOverrides(of: "a", wrong) } == .invalidConfiguration)
            #expect(code { try manager.changeOverrides(of: "b") { _ in } } == .unknownTopic)
            try manager.changeOverrides(of: "a", onlyChecks: true) { $0["retention.bytes"] = "5" }
            disk.state.withLock { $0.failingDirectory = FailingDisk.inode(of: path.appending("root")) }
            #expect(
                code { try manager.changeOverrides(of: "a") { $0["retention.bytes"] = "5" } } == .storageFailed
            )
            #expect(manager.topic(named: "a")?.overrides == [:])
            #expect(manager.logs.map(\.log.configuration) == [.small])
        }
    }

    /// A power cut takes no change that was answered, and leaves one that was not as a whole or not at all.
    @Test(arguments: Seeds.chosen(Array(1...20)))
    func changesStayAfterAPowerCut(seed: UInt64) throws {
        try withSeed(seed) { generator in
            try withTemporaryDirectory { path in
                let root = path.appending("before")
                try root.makeDirectory()
                let disk = try PowerLoss(below: root)
                let manager = try opened(root, disk.calls)
                _ = try manager.begin()
                try manager.createTopic("a", partitions: 1, now: 1)
                var answered: [(operations: Int, partitions: Int32, bytes: String?)] = [(disk.operationCount, 1, nil)]
                for step: Int32 in 1...4 {
                    let last = answered[answered.count - 1]
                    if Bool.random(using: &generator) {
                        try manager.addPartitions(to: "a", count: last.partitions + step, now: 1)
                        answered.append((disk.operationCount, last.partitions + step, last.bytes))
                    } else {
                        try manager.changeOverrides(of: "a") { $0["retention.bytes"] = "\(step)" }
                        answered.append((disk.operationCount, last.partitions, "\(step)"))
                    }
                }
                let cut = Int.random(in: answered[0].operations...disk.operationCount, using: &generator)
                let after = path.appending("after")
                try disk.materialize(in: after, after: cut, using: &generator)
                let again = try opened(after)
                let topic = try #require(again.topic(named: "a"))
                let last = answered.lastIndex { $0.operations <= cut } ?? 0
                let allowed = answered[last...min(last + 1, answered.count - 1)]
                #expect(
                    allowed.contains {
                        $0.partitions == topic.partitionCount && $0.bytes == topic.overrides["retention.bytes"]
                    },
                    "\(topic) is none of \(allowed)"
                )
                #expect(again.logs.count == Int(topic.partitionCount))
                for (_, log) in again.logs {
                    #expect(log.configuration.retentionBytes == topic.overrides["retention.bytes"].flatMap { Int($0) })
                    try log.append(TestBatch())
                }
            }
        }
    }

    @Test func namesThatMetricsCannotTellApartCollide() throws {
        try withTemporaryDirectory { path in
            let manager = try opened(path)
            for name in ["a.b_c", "plain"] { try manager.createTopic(name, partitions: 1, now: 1) }
            for name in ["a_b_c", "a.b.c", "a_b.c"] {
                #expect(code { try manager.createTopic(name, partitions: 1, now: 1) } == .invalidTopic)
            }
            let names = ["a.b_d", "a-b-c", "a.b", "x.y", "x_y"]
            let made = manager.createTopics(names.map { NewTopic($0, partitions: 1) }, now: 1)
            #expect(names.filter { (try? made[$0]?.get()) == nil } == ["x_y"], "it collides with the one before")
        }
    }
}
