import ConnectAPI
import HDFSSink
import KafkaTopics
import PipelineTesting
import Storage
import Testing

/// One fault at each operation in turn, and a death at each: nothing is lost, nothing is filed twice, nothing is left.
@Suite(.timeLimit(.minutes(5))) struct SinkFaultTests {
    static let end: Int64 = 24

    @Test(arguments: FaultyFileSystem.Fault.allCases)
    func aFaultAtAnyOperationDoesNoHarm(fault: FaultyFileSystem.Fault) async throws {
        let operations = try await operationsOfAWholeRun()
        #expect(operations > 30)
        for number in 0..<operations {
            let harness = SinkHarness()
            let faulty = FaultyFileSystem(harness.files, fault, at: number)
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
            // Whoever comes next needs nobody's help, and sweeps what the first one left.
            try await SinkHarness.run(harness.task(writer: "two"), upTo: Self.end)
            try await harness.expectWhole(upTo: Self.end, "\(fault) at operation \(number)")
        }
    }

    /// Another writer takes over, and goes on to the end, between any two operations of the first.
    @Test func aTakeoverAtAnyMomentDoesNoHarm() async throws {
        let operations = try await operationsOfAWholeRun()
        for number in 0..<operations {
            let harness = SinkHarness()
            let interrupted = InterruptedFileSystem(harness.files, at: number) {
                do {
                    try await SinkHarness.run(harness.task(writer: "two"), upTo: Self.end)
                } catch {
                    Issue.record("the second writer stopped: \(error)")
                }
            }
            do {
                try await SinkHarness.run(harness.task(on: interrupted), upTo: Self.end)
            } catch let error as SinkTaskError {
                try #require(error.code == .fenced, "operation \(number): \(error)")
            }
            #expect(interrupted.wasInterrupted, "the first writer ended before operation \(number)")
            try await SinkHarness.run(harness.task(writer: "three"), upTo: Self.end)
            try await harness.expectWhole(upTo: Self.end, "takeover before operation \(number)")
        }
    }

    /// The worker goes on with the partitions that the error does not name.
    @Test func aFaultWhilePartitionsAreTakenOverConcernsTheOneItMet() async throws {
        let partitions = (0..<3).map { SinkPartition(TopicPartition(topic: "utenti", partition: $0)) }
        let ids = partitions.map(\.id)
        let undisturbed = SinkHarness()
        let counting = FaultyFileSystem(undisturbed.files)
        _ = try await undisturbed.task(on: counting).open(partitions, now: SinkHarness.start)
        for number in 0..<counting.operations {
            let harness = SinkHarness()
            let task = try harness.task(on: FaultyFileSystem(harness.files, .unavailable, at: number))
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
        let task = try harness.task(on: FaultyFileSystem(harness.files, .dead))
        let error = try await #require(throws: SinkTaskError.self) {
            try await task.open(partitions, now: SinkHarness.start)
        }
        #expect(error.partitions == partitions.map(\.id))
        #expect(error.code == .retriable)
    }

    private func operationsOfAWholeRun() async throws -> Int {
        let harness = SinkHarness()
        let counting = FaultyFileSystem(harness.files)
        try await SinkHarness.run(harness.task(on: counting), upTo: Self.end)
        try await harness.expectWhole(upTo: Self.end)
        return counting.operations
    }
}
