import ConnectAPI
import HDFSSink
import KafkaTopics
import PipelineTesting
import Storage
import Synchronization
import Testing

/// One fault at each operation in turn, and a death at each: nothing is lost, nothing is filed twice, nothing is left.
@Suite(.timeLimit(.minutes(15))) struct SinkFaultTests {
    static let end: Int64 = 24

    enum Fault: String, CaseIterable, Sendable {
        /// The operation throws that the storage is not available; nothing is done.
        case unavailable
        /// The operation throws that there is no space; nothing is done.
        case noSpace
        /// A rename says `false` and does nothing. Any other operation: as `unavailable`.
        case refused
        /// A rename is done and its answer lost. Any other operation: as `unavailable`.
        case doneAnswerLost
        /// A rename is not done and its answer lost. Any other operation: as `unavailable`.
        case notDoneAnswerLost
        /// This operation and all that follow throw: the writer is dead, or cut off.
        case dead
        /// The operation is done; all that follow throw.
        case deadAfterwards

        /// What happens at `operation` where this fault has the given number.
        func fault(at number: Int, _ operation: FaultyFileSystem.Operation) -> FaultyFileSystem.Fault? {
            switch self {
            case .dead: return operation.number >= number ? .fails(.unavailable) : nil
            case .deadAfterwards: return operation.number > number ? .fails(.unavailable) : nil
            default: break
            }
            guard operation.number == number else { return nil }
            switch self {
            case .noSpace: return .fails(.noSpace)
            case .refused: return .refused
            case .doneAnswerLost: return .answerLost
            case .notDoneAnswerLost: return .fails(operation.kind == .rename ? .answerLost : .unavailable)
            case .unavailable, .dead, .deadAfterwards: return .fails(.unavailable)
            }
        }

        /// A storage with this fault at the operation `number`.
        func files(_ base: any FileSystem, at number: Int = 0) -> FaultyFileSystem {
            FaultyFileSystem(base) { fault(at: number, $0) }
        }
    }

    @Test(arguments: Fault.allCases)
    func aFaultAtAnyOperationDoesNoHarm(fault: Fault) async throws {
        let operations = try await operationsOfAWholeRun()
        #expect(operations > 30)
        for number in 0..<operations {
            let harness = SinkHarness(files: MemoryFileSystem())
            let faulty = fault.files(harness.files, at: number)
            let task = try harness.task(on: faulty)
            let isDeath = fault == .dead || fault == .deadAfterwards
            var failures = 0
            while true {
                do {
                    try await SinkHarness.run(task, upTo: Self.end)
                    break
                } catch let error as SinkTaskError {
                    failures += 1
                    // A rename that is refused for no visible reason looks as if another writer were there.
                    let isExpected = error.code == .retriable || (fault == .refused && error.code == .fenced)
                    try #require(isExpected, "operation \(number): \(error)")
                    try #require(failures < 3 || isDeath, "operation \(number): \(error)")
                    if isDeath { break }
                }
            }
            // The next writer needs no help, and sweeps what the first one left.
            try await SinkHarness.run(harness.task(writer: "two"), upTo: Self.end)
            try await harness.expectWhole(upTo: Self.end, "\(fault) at operation \(number)")
        }
    }

    /// Another writer takes over, and goes on to the end, between any two operations of the first.
    @Test func aTakeoverAtAnyMomentDoesNoHarm() async throws {
        let operations = try await operationsOfAWholeRun()
        for number in 0..<operations {
            let harness = SinkHarness(files: MemoryFileSystem())
            let interrupted = FaultyFileSystem(harness.files) { operation in
                guard operation.number == number else { return nil }
                do {
                    try await SinkHarness.run(harness.task(writer: "two"), upTo: Self.end)
                } catch {
                    Issue.record("the second writer stopped: \(error)")
                }
                return nil
            }
            do {
                try await SinkHarness.run(harness.task(on: interrupted), upTo: Self.end)
            } catch let error as SinkTaskError {
                try #require(error.code == .fenced, "operation \(number): \(error)")
            }
            #expect(interrupted.operations > number, "the first writer ended before operation \(number)")
            try await SinkHarness.run(harness.task(writer: "three"), upTo: Self.end)
            try await harness.expectWhole(upTo: Self.end, "takeover before operation \(number)")
        }
    }

    /// The runner goes on with the partitions that the error does not name.
    @Test func aFaultWhilePartitionsAreTakenOverConcernsTheOneItMet() async throws {
        let partitions = (0..<3).map { SinkPartition(TopicPartition(topic: "utenti", partition: $0)) }
        let ids = partitions.map(\.id)
        let undisturbed = SinkHarness()
        let counting = FaultyFileSystem(undisturbed.files)
        _ = try await undisturbed.task(on: counting).open(partitions, now: SinkHarness.start)
        for number in 0..<counting.operations {
            let harness = SinkHarness()
            let task = try harness.task(on: Fault.unavailable.files(harness.files, at: number))
            do {
                _ = try await task.open(partitions, now: SinkHarness.start)
            } catch {
                #expect(error.partitions.count == 1, "operation \(number): \(error)")
            }
            try await task.close(ids, .abandoned, now: SinkHarness.start)
            _ = try await task.open(partitions, now: SinkHarness.start)
            for id in ids {
                var builder = SinkRecordsBuilder(partition: id, firstOffset: 0)
                builder.skip(to: 5, .filtered)
                try await task.put(builder.finish(), now: SinkHarness.start)
            }
            try await task.close(ids, .handedOver, now: SinkHarness.start)
            #expect(task.committable() == Dictionary(uniqueKeysWithValues: ids.map { ($0, 5) }))
        }
    }

    @Test func allPartitionsThatCannotBeTakenOverAreNamed() async throws {
        let partitions = (0..<3).map { SinkPartition(TopicPartition(topic: "utenti", partition: $0)) }
        let harness = SinkHarness()
        let task = try harness.task(on: Fault.dead.files(harness.files))
        let error = try await #require(throws: SinkTaskError.self) {
            try await task.open(partitions, now: SinkHarness.start)
        }
        #expect(error.partitions == partitions.map(\.id))
        #expect(error.code == .retriable)
    }

    /// Each takeover holds a file open at a time, and a commit record.
    @Test func fewTakeoversWaitForTheStorageAtOnce() async throws {
        let files = MemoryFileSystem()
        let waiting = Mutex((now: 0, most: 0))
        let slow = FaultyFileSystem(files) { operation in
            guard operation.kind == .list else { return nil }
            waiting.withLock { waiting in
                waiting.now += 1
                waiting.most = max(waiting.most, waiting.now)
            }
            // Every takeover that may run gets here before one of them goes on.
            for _ in 0..<1_000 { await Task.yield() }
            waiting.withLock { $0.now -= 1 }
            return nil
        }
        let partitions = (0..<100).map { SinkPartition(TopicPartition(topic: "utenti", partition: $0)) }
        let opened = try await SinkHarness(files: files).task(on: slow).open(partitions, now: SinkHarness.start)
        #expect(opened.isEmpty, "no place is known")
        let most = waiting.withLock { $0.most }
        #expect(most > 1 && most <= HDFSSinkTask.Limits.takeoversAtOnce)
    }

    private func operationsOfAWholeRun() async throws -> Int {
        let harness = SinkHarness(files: MemoryFileSystem())
        let counting = FaultyFileSystem(harness.files)
        try await SinkHarness.run(harness.task(on: counting), upTo: Self.end)
        try await harness.expectWhole(upTo: Self.end)
        return counting.operations
    }
}
