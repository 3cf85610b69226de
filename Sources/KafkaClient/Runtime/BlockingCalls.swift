import Dispatch
import Synchronization

/// Runs librdkafka's blocking calls one after the other on one thread, away from the threads that run tasks.
///
/// The caller gets its answer when the call ends, its task is cancelled, or `failAll` says that no answer can come;
/// in the two last cases the call runs out in the background within its own time limit.
final class BlockingCalls: Sendable {
    private struct Waiting {
        var next: UInt64 = 0
        var fail: [UInt64: @Sendable (KafkaClientError) -> Void] = [:]
    }

    private let queue = DispatchQueue(label: "hera.kafka-client.calls")
    private let waiting = Mutex(Waiting())
    private let bootstrap: [String]

    init(bootstrap: [String]) {
        self.bootstrap = bootstrap
    }

    /// The result of `body`, which may block.
    ///
    /// - Parameter doing: what it does, as the end of "cannot …".
    func run<Answer: Sendable>(
        _ doing: String,
        _ body: @escaping @Sendable () throws(KafkaClientError) -> Answer
    ) async throws(KafkaClientError) -> Answer {
        let call = OneAnswer<Result<Answer, KafkaClientError>>()
        let number = waiting.withLock { waiting in
            waiting.next += 1
            waiting.fail[waiting.next] = { error in call.answer(.failure(error)) }
            return waiting.next
        }
        defer { waiting.withLock { waiting in _ = waiting.fail.removeValue(forKey: number) } }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                call.ask(continuation)
                queue.async {
                    // Nobody waits any more (cancelled while others were before it): not even begun.
                    guard !call.isAnswered else { return }
                    call.answer(Result { () throws(KafkaClientError) in try body() })
                }
            }
        } onCancel: {
            call.answer(.failure(.cancelled(doing, "it may still take effect")))
        }
        return try result.get()
    }

    /// The result of `body`, awaited also by a cancelled task: for what must not be left half done.
    func finish<Answer: Sendable>(_ body: @escaping @Sendable () -> Answer) async -> Answer {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: body()) }
        }
    }

    /// Answers every call that is under way with `error`.
    func failAll(_ error: KafkaClientError) {
        let fail = waiting.withLock { waiting in Array(waiting.fail.values) }
        for each in fail { each(error) }
    }
}
