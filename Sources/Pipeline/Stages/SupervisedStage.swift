import Logging
import ServiceLifecycle

/// A stage that is started again when it fails, after a pause that grows while it goes on failing. Its failure never
/// ends the stages beside it: the ingestor goes on taking events whatever happens behind it.
struct SupervisedStage {
    /// Bounds of the pauses.
    struct Pauses: Sendable {
        /// The pause after the first failure; each later one is twice as long.
        var shortest = Duration.seconds(1)
        var longest = Duration.seconds(60)
        /// A stage that ran for so long is well: its next failure is a first one.
        var wellAfter = Duration.seconds(300)

        func pause(afterFailures failures: Int) -> Duration {
            min(longest, shortest * (1 << min(max(failures - 1, 0), 20)))
        }
    }

    let name: String
    let board: StageBoard
    let logger: Logger
    var pauses = Pauses()

    /// Runs `body` until it ends, or graceful shutdown begins and it has failed or is paused.
    func run(_ body: () async throws -> Void) async {
        var failures = 0
        while true {
            board.began(name)
            let began = ContinuousClock.now
            do {
                try await body()
                board.ended(name)
                return
            } catch is CancellationError {
                board.ended(name)
                return
            } catch {
                board.failed(name, "\(error)")
                failures = began.duration(to: .now) >= pauses.wellAfter ? 1 : failures + 1
                let pause = pauses.pause(afterFailures: failures)
                logger.error(
                    "a stage failed and is started again",
                    metadata: [
                        LogKeys.stage: "\(name)", LogKeys.error: "\(error)", LogKeys.pause: "\(pause)",
                    ]
                )
                guard await isOver(pause) else { return }
            }
        }
    }

    /// Waits; `false` where graceful shutdown or cancellation came first.
    private func isOver(_ pause: Duration) async -> Bool {
        do {
            try await cancelWhenGracefulShutdown { try await Task.sleep(for: pause) }
            return !Task.isShuttingDownGracefully
        } catch {
            return false
        }
    }
}

/// The names under which the stages' log lines carry values.
enum LogKeys {
    static let address = "net.address"
    static let stage = "pipeline.stage"
    static let error = "pipeline.error"
    static let pause = "pipeline.pause"
    static let topic = "pipeline.topic"
}
