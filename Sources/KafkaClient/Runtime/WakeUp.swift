import Synchronization

/// Lets one task sleep until librdkafka has an event for it, without blocking a thread and without polling.
///
/// Signals between two waits are remembered as one. There is one waiter at a time.
final class WakeUp: Sendable {
    private enum State {
        case quiet
        case signalled
        case waiting(CheckedContinuation<Void, Never>)
    }

    private let state = Mutex(State.quiet)

    /// Ends the wait, or the next one. Called from librdkafka's threads under its queue's lock: it must stay short.
    func signal() {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            defer { if case .waiting = state { state = .quiet } else { state = .signalled } }
            guard case .waiting(let continuation) = state else { return nil }
            return continuation
        }
        waiter?.resume()
    }

    /// Sleeps until there is a signal; returns at once where there was one since the last wait.
    ///
    /// Cancellation does not end the wait: signal instead.
    func wait() async {
        await withCheckedContinuation { continuation in
            let isDue = state.withLock { state -> Bool in
                switch state {
                case .quiet:
                    state = .waiting(continuation)
                    return false
                case .signalled:
                    state = .quiet
                    return true
                case .waiting:
                    preconditionFailure("WakeUp: a second task waits")
                }
            }
            if isDue { continuation.resume() }
        }
    }
}
