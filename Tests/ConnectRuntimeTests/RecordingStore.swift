import ConnectAPI
import KafkaTopics
import Synchronization

/// What recording sinks made durable, seen by all of them, and the script of what goes wrong.
final class RecordingStore: Sendable {
    struct Contents: Sendable {
        /// Durable offsets with their values, by partition, in the order in which they became durable.
        var records: [TopicPartition: [Int64: String]] = [:]
        /// The offset behind the last durable one.
        var next: [TopicPartition: Int64] = [:]
        /// The last durable record, where the sink is to know it.
        var fingerprints: [TopicPartition: RecordFingerprint] = [:]
        var skipped: [TopicPartition: SkippedCounts] = [:]
        /// Offsets that became durable more than once.
        var repeated: [Int64] = []
        /// The offset behind the last one that a task was handed.
        var handed: [TopicPartition: Int64] = [:]
        /// Who took partitions over.
        var writers: Set<String> = []
        var openings = 0
        var closings: [CloseReason] = []
        /// What the next calls of `put` throw instead of taking the batch.
        var failures: [SinkTaskError] = []
        /// What the next calls of `open` throw, after they took the partitions over that the error does not name.
        var openFailures: [SinkTaskError] = []
        var timersFired = 0
        var stops = 0

        var count: Int { records.values.reduce(0) { $0 + $1.count } }
    }

    private struct State {
        var contents = Contents()
        var isGivenUp = false
        var waiters: [(isDone: @Sendable (Contents) -> Bool, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var contents: Contents { state.withLock { $0.contents } }

    func change<Result: Sendable>(_ body: (inout Contents) -> Result) -> Result {
        let (result, due) = state.withLock { state -> (Result, [CheckedContinuation<Void, Never>]) in
            let result = body(&state.contents)
            let contents = state.contents
            let due = state.waiters.filter { $0.isDone(contents) }.map(\.continuation)
            state.waiters.removeAll { $0.isDone(contents) }
            return (result, due)
        }
        for continuation in due { continuation.resume() }
        return result
    }

    /// Nothing more will come: who waits goes on, and so does who would wait.
    func giveUp() {
        let waiters = state.withLock { state in
            state.isGivenUp = true
            defer { state.waiters = [] }
            return state.waiters.map(\.continuation)
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Returns once `isDone` holds, or the store is given up.
    func wait(until isDone: @escaping @Sendable (Contents) -> Bool) async {
        await withCheckedContinuation { continuation in
            let isDue = state.withLock { state -> Bool in
                if state.isGivenUp || isDone(state.contents) { return true }
                state.waiters.append((isDone, continuation))
                return false
            }
            if isDue { continuation.resume() }
        }
    }
}
