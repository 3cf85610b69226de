import Synchronization

/// The address that an ingestor serves at, for those who ask before it is known.
final class BoundAddress: Sendable {
    private enum State {
        case unknown([CheckedContinuation<ListenAddress, any Error>])
        case known(Result<ListenAddress, any Error>)
    }

    private let state = Mutex(State.unknown([]))

    /// Waits until it is known, or known that there will be none.
    var value: ListenAddress {
        get async throws {
            try await withCheckedThrowingContinuation { continuation in
                let known = state.withLock { state -> Result<ListenAddress, any Error>? in
                    switch state {
                    case .known(let result): return result
                    case .unknown(let waiting):
                        state = .unknown(waiting + [continuation])
                        return nil
                    }
                }
                if let known { continuation.resume(with: known) }
            }
        }
    }

    /// Says what it is, or why there is none. What is said first stays.
    func settle(_ result: Result<ListenAddress, any Error>) {
        let waiting = state.withLock { state -> [CheckedContinuation<ListenAddress, any Error>] in
            guard case .unknown(let waiting) = state else { return [] }
            state = .known(result)
            return waiting
        }
        for continuation in waiting { continuation.resume(with: result) }
    }
}
