import ServiceLifecycle
import Synchronization
import Testing

@testable import Pipeline

@Suite(.timeLimit(.minutes(15))) struct WhileRunningTests {
    private struct Broken: Error {}

    /// Runs until graceful shutdown, and then notes that it was stopped in order.
    private final class Stage: Service {
        private let stop = Atomic(false)

        var isStopped: Bool { stop.load(ordering: .relaxed) }

        func run() async throws {
            try await gracefulShutdown()
            stop.store(true, ordering: .relaxed)
        }
    }

    private struct BrokenStage: Service {
        func run() async throws { throw Broken() }
    }

    @Test func serviceIsStoppedInOrderBehindTheBody() async throws {
        let stage = Stage()
        let result = try await whileRunning(stage) {
            #expect(!stage.isStopped)
            return 7
        }
        #expect(result == 7)
        #expect(stage.isStopped)
    }

    @Test func failureOfTheServiceEndsTheBody() async throws {
        await #expect(throws: Broken.self) {
            try await whileRunning(BrokenStage()) { try await gracefulShutdown() }
        }
    }

    @Test func failureOfTheBodyIsTold() async throws {
        await #expect(throws: Broken.self) {
            try await whileRunning(Stage()) { throw Broken() }
        }
    }
}
