import KafkaTopics
import Synchronization

/// What a load under crashes was told: which records are acknowledged and where, and how far offsets are committed.
final class Acknowledged: Sendable {
    private struct State {
        /// By partition: the offset of each record that was acknowledged, by its number.
        var offsets: [Int32: [Int: Int64]] = [:]
        var count = 0
        var committed: Int64 = 0
        var waiters: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var count: Int { state.withLock { $0.count } }
    /// The greatest offset whose commit was acknowledged.
    var committed: Int64 { state.withLock { $0.committed } }

    func offsets(of partition: Int32) -> [Int: Int64] { state.withLock { $0.offsets[partition] ?? [:] } }

    /// A record was acknowledged; its offset is `nil` where the report does not tell it apart.
    func record(_ number: Int, of partition: Int32, at offset: Int64) {
        let ready = state.withLock { state in
            state.offsets[partition, default: [:]][number] = offset
            state.count += 1
            let ready = state.waiters.filter { $0.count <= state.count }
            state.waiters.removeAll { $0.count <= state.count }
            return ready
        }
        for waiter in ready { waiter.continuation.resume() }
    }

    func commit(_ offset: Int64) {
        state.withLock { $0.committed = max($0.committed, offset) }
    }

    /// Returns when so many records are acknowledged.
    func wait(until count: Int) async {
        await withCheckedContinuation { continuation in
            let isReached = state.withLock { state in
                if state.count >= count { return true }
                state.waiters.append((count, continuation))
                return false
            }
            if isReached { continuation.resume() }
        }
    }
}
