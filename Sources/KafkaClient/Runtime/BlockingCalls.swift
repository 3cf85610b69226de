import Dispatch
import Synchronization

/// Runs librdkafka's blocking calls on threads of its own, away from the threads that run tasks.
///
/// Each lane makes one call after the other. A call takes the lane with the fewest calls, so with several lanes one that
/// waits for a broker does not hold up the others; with one lane calls are made in their order.
///
/// The caller gets its answer when the call ends, its task is cancelled, or `failAll` says that no answer can come;
/// in the last two cases the call ends in the background within its own time limit.
final class BlockingCalls: Sendable {
    private struct Waiting {
        var next: UInt64 = 0
        var fail: [UInt64: @Sendable (KafkaClientError) -> Void] = [:]
        /// How many calls each lane has that did not end.
        var calls: [Int]
    }

    private let lanes: [DispatchQueue]
    private let waiting: Mutex<Waiting>

    init(lanes count: Int = 1) {
        lanes = (0..<count).map { DispatchQueue(label: "hera.kafka-client.calls.\($0)") }
        waiting = Mutex(Waiting(calls: Array(repeating: 0, count: count)))
    }

    private func enqueue(_ call: @escaping @Sendable () -> Void) {
        let lane = waiting.withLock { waiting in
            let lane = waiting.calls.indices.min { waiting.calls[$0] < waiting.calls[$1] } ?? 0
            waiting.calls[lane] += 1
            return lane
        }
        lanes[lane].async { [self] in
            call()
            waiting.withLock { $0.calls[lane] -= 1 }
        }
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
                enqueue {
                    // Cancelled while it was queued: do not begin.
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
            enqueue { continuation.resume(returning: body()) }
        }
    }

    /// The result of `body`, awaited also by a cancelled task, but not for longer than `limit`.
    ///
    /// - Returns: `nil` after `limit`; the call then ends in the background.
    func finish<Answer: Sendable>(
        within limit: Duration,
        _ body: @escaping @Sendable () -> Answer
    ) async -> Answer? {
        let call = OneAnswer<Answer?>()
        let nanoseconds = Int(limit / .nanoseconds(1))
        DispatchQueue.global().asyncAfter(deadline: .now() + .nanoseconds(nanoseconds)) { call.answer(nil) }
        return await withCheckedContinuation { continuation in
            call.ask(continuation)
            enqueue { call.answer(body()) }
        }
    }

    /// Answers every call that is under way with `error`.
    func failAll(_ error: KafkaClientError) {
        let fail = waiting.withLock { waiting in Array(waiting.fail.values) }
        for each in fail { each(error) }
    }
}
