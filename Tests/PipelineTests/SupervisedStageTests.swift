import Logging
import ServiceLifecycle
import Synchronization
import Testing

@testable import Pipeline

@Suite(.timeLimit(.minutes(15))) struct SupervisedStageTests {
    private struct Broken: Error {}

    private let board = StageBoard()
    private var stages: [PipelineStatus.Stage] { board.stages(sink: nil) }

    private func stage(_ shortest: Duration = .milliseconds(1), longest: Duration = .milliseconds(4)) -> SupervisedStage
    {
        SupervisedStage(
            name: "sink",
            board: board,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            pauses: SupervisedStage.Pauses(shortest: shortest, longest: longest)
        )
    }

    @Test func stageThatFailsIsStartedAgainUntilItEnds() async {
        let runs = Atomic(0)
        await stage().run {
            if runs.add(1, ordering: .relaxed).newValue < 4 { throw Broken() }
        }
        #expect(runs.load(ordering: .relaxed) == 4)
        #expect(stages.map(\.state) == [.ended])
        #expect(stages.map(\.failures) == [3])
        #expect(stages.first?.lastFailure?.contains("Broken") == true)
    }

    @Test func pausesGrowUpToTheLongest() {
        let pauses = SupervisedStage.Pauses(shortest: .seconds(1), longest: .seconds(10))
        #expect((1...6).map(pauses.pause(afterFailures:)) == [1, 2, 4, 8, 10, 10].map { .seconds($0) })
        #expect(pauses.pause(afterFailures: .max) == .seconds(10))
    }

    @Test func shutdownEndsAPause() async throws {
        struct Stage: Service {
            let stage: SupervisedStage
            let failed: AsyncStream<Void>.Continuation

            func run() async throws {
                await stage.run {
                    failed.finish()
                    throw Broken()
                }
            }
        }
        let (failed, continuation) = AsyncStream<Void>.makeStream()
        let service = Stage(stage: stage(.seconds(3_600), longest: .seconds(3_600)), failed: continuation)
        try await whileRunning(service) { for await _ in failed {} }
        #expect(stages.map(\.failures) == [1])
    }
}
