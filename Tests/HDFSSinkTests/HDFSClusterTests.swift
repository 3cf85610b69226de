import ConnectAPI
import HDFSSink
import PipelineTesting
import Storage
import Synchronization
import Testing

/// The sink on a real HDFS, with a death after each step of the commit protocol.
@Suite(.timeLimit(.minutes(15))) struct HDFSClusterTests {
    static let end: Int64 = 12

    /// Not inlined: the compiler (6.3.1) crashes on a coroutine in which errors of a type and errors of any type meet.
    @inline(never)
    private func files() async throws -> any FileSystem {
        try StorageLocation(await HDFSCluster.shared().newDirectory()).fileSystem()
    }

    private func operationsOfAWholeRun() async throws -> [StorageError.Operation] {
        let harness = SinkHarness(files: try await files())
        let kinds = OperationKinds()
        let counting = FaultyFileSystem(harness.files) { operation in
            kinds.append(operation.kind)
            return nil
        }
        try await SinkHarness.run(harness.task(on: counting), upTo: Self.end)
        try await harness.expectWhole(upTo: Self.end)
        return kinds.list
    }

    @Test(arguments: [SinkFaultTests.Fault.dead, .doneAnswerLost])
    func aFaultAtAnyStepDoesNoHarm(fault: SinkFaultTests.Fault) async throws {
        let operations = try await operationsOfAWholeRun()
        #expect(operations.count > 20)
        // A lost answer differs from a failure only where something was done.
        let numbers = operations.indices.filter { fault != .doneAnswerLost || operations[$0] == .rename }
        for number in numbers {
            let harness = SinkHarness(files: try await files())
            let task = try harness.task(on: fault.files(harness.files, at: number))
            do {
                try await SinkHarness.run(task, upTo: Self.end)
            } catch let error as SinkTaskError {
                try #require(error.code == .retriable, "operation \(number): \(error)")
            }
            // The next writer needs no help, and sweeps what the first one left.
            try await SinkHarness.run(harness.task(writer: "two"), upTo: Self.end)
            try await harness.expectWhole(upTo: Self.end, "\(fault) at operation \(number)")
        }
    }
}

/// The operations in their order.
private final class OperationKinds: Sendable {
    private let kinds = Mutex<[StorageError.Operation]>([])

    var list: [StorageError.Operation] { kinds.withLock { $0 } }

    func append(_ kind: StorageError.Operation) { kinds.withLock { $0.append(kind) } }
}
