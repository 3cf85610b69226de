import Synchronization

/// A continuation that several parties may answer: the first one counts.
final class OneAnswer<Value: Sendable>: Sendable {
    private enum State {
        case new
        case asked(CheckedContinuation<Value, Never>)
        /// Answered before it was asked.
        case early(Value)
        case answered
    }

    private let state = Mutex(State.new)

    /// Whether there is an answer already.
    var isAnswered: Bool {
        state.withLock { state in
            switch state {
            case .new, .asked: false
            case .early, .answered: true
            }
        }
    }

    /// Waits with `continuation`; once.
    func ask(_ continuation: CheckedContinuation<Value, Never>) {
        let early = state.withLock { state -> Value? in
            switch state {
            case .new:
                state = .asked(continuation)
                return nil
            case .early(let value):
                state = .answered
                return value
            case .asked, .answered:
                preconditionFailure("OneAnswer: asked twice")
            }
        }
        if let early { continuation.resume(returning: early) }
    }

    /// Gives the answer, if it is the first.
    func answer(_ value: Value) {
        let asker = state.withLock { state -> CheckedContinuation<Value, Never>? in
            switch state {
            case .new:
                state = .early(value)
                return nil
            case .asked(let continuation):
                state = .answered
                return continuation
            case .early, .answered:
                return nil
            }
        }
        asker?.resume(returning: value)
    }
}
