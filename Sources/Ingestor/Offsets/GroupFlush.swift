package import NIOCore
package import NIOPosix
import Synchronization

/// Forces one file to disk for many callers: those that ask while a flush is under way share the next one.
///
/// The flush runs on a thread of its own pool, never on an event loop.
package final class GroupFlush: Sendable {
    private struct State {
        var isRunning = false
        var waiting: [EventLoopPromise<Void>] = []
    }

    private let state = Mutex(State())
    private let threads: NIOThreadPool
    private let flush: @Sendable () throws -> Void

    /// - Parameter flush: Returns when everything written before the call is on disk.
    package init(threads: NIOThreadPool, flush: @escaping @Sendable () throws -> Void) {
        self.threads = threads
        self.flush = flush
    }

    /// Fulfilled when what is written now is on disk; fails with the error of the flush.
    package func flushed(on eventLoop: any EventLoop) -> EventLoopFuture<Void> {
        let promise = eventLoop.makePromise(of: Void.self)
        let starts = state.withLock { state in
            state.waiting.append(promise)
            defer { state.isRunning = true }
            return !state.isRunning
        }
        if starts { submit() }
        return promise.futureResult
    }

    private func submit() {
        threads.submit { workState in
            switch workState {
            case .active: self.run { try self.flush() }
            case .cancelled: self.run { throw CancellationError() }
            }
        }
    }

    private func run(_ work: () throws -> Void) {
        while true {
            let waiting = state.withLock { state in
                defer { state.waiting = [] }
                if state.waiting.isEmpty { state.isRunning = false }
                return state.waiting
            }
            if waiting.isEmpty { return }
            let result = Result { try work() }
            for promise in waiting { promise.completeWith(result) }
        }
    }
}
