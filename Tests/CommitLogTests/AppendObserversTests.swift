import CommitLog
import KafkaTopics
import PipelineTesting
import Synchronization
import Testing

@Suite struct AppendObserversTests {
    private final class Observer: AppendObserver {
        private let state = Mutex((byteCount: 0, isDeleted: false))
        var byteCount: Int { state.withLock { $0.byteCount } }
        var isDeleted: Bool { state.withLock { $0.isDeleted } }

        func appended(_ byteCount: Int) { state.withLock { $0.byteCount += byteCount } }
        func logDeleted() { state.withLock { $0.isDeleted = true } }
    }

    private func withManager(_ body: (LogManager, PartitionLog) throws -> Void) throws {
        try withTemporaryDirectory { path in
            let (manager, _) = try LogManager.open(root: path, defaults: .small, calls: .withoutWaiting)
            try manager.createTopic("events", partitions: 1, now: 1)
            let log = try #require(manager.log(for: TopicPartition(topic: "events", partition: 0)))
            try body(manager, log)
            try manager.close()
        }
    }

    @Test func observersAreToldOfAppendsUntilTheyAreRemoved() throws {
        try withManager { _, log in
            let (first, second) = (Observer(), Observer())
            log.observers.add(first)
            log.observers.add(second)
            try log.append(TestBatch())
            let byteCount = log.byteCount
            #expect(first.byteCount == byteCount && second.byteCount == byteCount)
            log.observers.remove(first)
            try log.append(TestBatch())
            #expect(first.byteCount == byteCount && second.byteCount == log.byteCount)
            #expect(!first.isDeleted && !second.isDeleted)
        }
    }

    @Test func observersAreToldThatTheTopicIsDeleted() throws {
        try withManager { manager, log in
            let observer = Observer()
            log.observers.add(observer)
            var wasThere = true
            let deleted = manager.deleteTopics(["events"]) { _ in
                wasThere = manager.topic(named: "events") != nil
                #expect(observer.isDeleted)
            }
            try deleted["events"]?.get()
            #expect(!wasThere)
        }
    }

    @Test func topicThatWouldBeTooManyPartitionsIsNotCreated() throws {
        try withManager { manager, _ in
            let error = #expect(throws: LogError.self) {
                try manager.createTopic("others", partitions: 3, partitionsMax: 3, now: 1)
            }
            #expect(error?.code == .limitReached)
            #expect(manager.topic(named: "others") == nil)
            try manager.createTopic("others", partitions: 2, partitionsMax: 3, now: 1)
            #expect(manager.partitionCount == 3)
        }
    }
}
