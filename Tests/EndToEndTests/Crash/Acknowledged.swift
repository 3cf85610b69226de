import KafkaTopics
import Synchronization

/// What a load under crashes was told: which records are acknowledged and where, and how far offsets are committed.
final class Acknowledged: Sendable {
    /// The load ended in order, before so many records were acknowledged.
    struct LoadEnded: Error {}

    private typealias Waiter = (count: Int, continuation: CheckedContinuation<Void, any Error>)

    private struct State {
        /// By partition: the offset of each record that was acknowledged, by its number.
        var offsets: [Int32: [Int: Int64]] = [:]
        var count = 0
        var committed: Int64 = 0
        var waiters: [Int: Waiter] = [:]
        var waiterCount = 0
        /// Why nothing more is acknowledged.
        var end: (any Error)?

        mutating func takeWaiters(where isReady: (Waiter) -> Bool) -> [Waiter] {
            let ready = waiters.filter { isReady($0.value) }
            for id in ready.keys { waiters[id] = nil }
            return Array(ready.values)
        }
    }

    private let state = Mutex(State())

    var count: Int { state.withLock { $0.count } }
    /// The greatest offset whose commit was acknowledged.
    var committed: Int64 { state.withLock { $0.committed } }

    func offsets(of partition: Int32) -> [Int: Int64] { state.withLock { $0.offsets[partition] ?? [:] } }

    /// A record was acknowledged.
    func record(_ number: Int, of partition: Int32, at offset: Int64) {
        let ready = state.withLock { state in
            state.offsets[partition, default: [:]][number] = offset
            state.count += 1
            let count = state.count
            return state.takeWaiters { $0.count <= count }
        }
        for waiter in ready { waiter.continuation.resume() }
    }

    func commit(_ offset: Int64) {
        state.withLock { $0.committed = max($0.committed, offset) }
    }

    /// Ends the load and every wait for it.
    func end(_ reason: any Error = LoadEnded()) {
        let waiters = state.withLock { state in
            state.end = reason
            return state.takeWaiters { _ in true }
        }
        for waiter in waiters { waiter.continuation.resume(throwing: reason) }
    }

    /// Returns when so many records are acknowledged.
    ///
    /// - Throws: what the load ended with, where it ends before; `CancellationError`.
    func wait(until count: Int) async throws {
        let id = state.withLock { state in
            state.waiterCount += 1
            return state.waiterCount
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let outcome: Result<Void, any Error>? = state.withLock { state in
                    if state.count >= count { return .success(()) }
                    if let end = state.end { return .failure(end) }
                    // A cancellation before this point found no waiter, so check again under the lock.
                    if Task.isCancelled { return .failure(CancellationError()) }
                    state.waiters[id] = (count, continuation)
                    return nil
                }
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.continuation.resume(throwing: CancellationError())
        }
    }
}
