import Files
import KafkaTopics
import PipelineTesting
import Synchronization
import SystemPackage
import Testing

@testable import CommitLog

/// Many topics are created or deleted at once.
@Suite(.timeLimit(.minutes(15)))
struct ManyTopicsTests {
    private let names = (0..<20).map { "topic-\($0)" }

    private func opened(_ root: FilePath, _ calls: DiskCalls = .withoutWaiting) throws -> LogManager {
        try LogManager.open(root: root, defaults: .small, calls: calls).manager
    }

    private func create(_ names: [String], in manager: LogManager) -> [String: Result<TopicMetadata, LogError>] {
        manager.createTopics(names.map { NewTopic($0, partitions: 2) }, now: 1)
    }

    @Test func theListIsWrittenOnceHoweverManyThereAre() throws {
        try withTemporaryDirectory { root in
            let writes = Mutex(0)
            var calls = DiskCalls.withoutWaiting
            let system = calls
            calls.rename = { path, target throws(Errno) in
                if target.lastComponent?.string == TopicList.fileName { writes.withLock { $0 += 1 } }
                try system.rename(path, target)
            }
            let manager = try opened(root, calls)
            writes.withLock { $0 = 0 }
            for (name, result) in create(names, in: manager) { #expect(try result.get().name == name) }
            #expect(writes.withLock { $0 } == 1)
            let deleted = manager.deleteTopics(Set(names.prefix(15)))
            #expect(deleted.values.allSatisfy { (try? $0.get()) != nil })
            #expect(writes.withLock { $0 } == 2)
            #expect(manager.topics.map(\.name).sorted() == names.suffix(5).sorted())
            #expect(manager.logs.count == 10)
        }
    }

    @Test func eachTopicIsRefusedForItsOwnReason() throws {
        try withTemporaryDirectory { root in
            let manager = try opened(root)
            try manager.createTopic("there", partitions: 1, now: 1)
            let wanted = [
                NewTopic("good", partitions: 2), NewTopic("there", partitions: 1), NewTopic("none", partitions: 0),
                NewTopic("bad name", partitions: 1), NewTopic("many", partitions: 3), NewTopic("last", partitions: 2),
                NewTopic("odd", partitions: 1, overrides: ["retention.ms": "soon"]), NewTopic("good", partitions: 1),
            ]
            let result = manager.createTopics(wanted, partitionsMax: 5, now: 1)
            let codes = result.compactMapValues { result -> LogError.Code? in
                if case .failure(let error) = result { error.code } else { nil }
            }
            #expect(
                codes == [
                    "there": .topicExists, "none": .invalidTopic, "bad name": .invalidTopic, "many": .limitReached,
                    "odd": .invalidConfiguration,
                ]
            )
            #expect(manager.topics.map(\.name) == ["good", "last", "there"])
            #expect(manager.topic(named: "good")?.partitionCount == 2, "the first one of the name counts")
            let deleted = manager.deleteTopics(["good", "gone"])
            #expect((try? deleted["good"]?.get()) != nil)
            guard case .failure(let error)? = deleted["gone"] else { return #expect(Bool(false), "it is unknown") }
            #expect(error.code == .unknownTopic)
        }
    }

    @Test func nothingIsCreatedWhereItIsOnlyAsked() throws {
        try withTemporaryDirectory { root in
            let manager = try opened(root)
            let result = manager.createTopics([NewTopic("a", partitions: 1)], onlyChecks: true, now: 1)
            #expect(try result["a"]?.get().partitionCount == 1)
            #expect(manager.topics.isEmpty)
        }
    }

    @Test func aFailureAtAnyStepCreatesAllOrNone() throws {
        try withTemporaryDirectory { directory in
            var step = 0
            var isOver = false
            while !isOver {
                let root = directory.appending("root-\(step)")
                let failing = FailingCall()
                let manager = try opened(root, failing.calls)
                try manager.createTopic("before", partitions: 1, now: 1)
                failing.fail(after: step)
                let made = create(Array(names.prefix(3)), in: manager).values.filter { (try? $0.get()) != nil }
                isOver = !failing.hasFailed
                let expected = made.isEmpty ? ["before"] : ["before"] + names.prefix(3)
                #expect(made.isEmpty || made.count == 3, "step \(step)")
                #expect(manager.topics.map(\.name) == expected, "step \(step)")
                let copy = directory.appending("after-\(step)")
                try root.copyTree(to: copy)
                let again = try opened(copy)
                #expect(again.topics.map(\.name) == expected, "step \(step)")
                try again.createTopic("after", partitions: 1, now: 1)
                if made.isEmpty { #expect(create(names, in: again).values.allSatisfy { (try? $0.get()) != nil }) }
                step += 1
            }
        }
    }

    @Test func aFailureAtAnyStepOfADeletionBringsNothingBack() throws {
        try withTemporaryDirectory { directory in
            var step = 0
            var isOver = false
            while !isOver {
                let root = directory.appending("root-\(step)")
                let failing = FailingCall()
                let manager = try opened(root, failing.calls)
                _ = create(Array(names.prefix(4)), in: manager)
                failing.fail(after: step)
                let deleted = Mutex<[String]>([])
                _ = manager.deleteTopics(Set(names.prefix(2))) { gone in deleted.withLock { $0 = gone } }
                isOver = !failing.hasFailed
                let left = deleted.withLock(\.isEmpty) ? Array(names.prefix(4)) : Array(names[2..<4])
                #expect(manager.topics.map(\.name) == left, "step \(step)")
                let copy = directory.appending("after-\(step)")
                try root.copyTree(to: copy)
                let again = try opened(copy)
                #expect(again.topics.map(\.name) == left, "step \(step)")
                #expect(again.logs.count == 2 * left.count, "step \(step)")
                step += 1
            }
        }
    }
}
