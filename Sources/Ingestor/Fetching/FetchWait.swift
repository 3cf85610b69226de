import CommitLog
package import NIOCore
import Synchronization

/// A fetch that waits for records: done when enough bytes were appended to its partitions, when its time is over, when a
/// topic of it is deleted, or when it is told to finish. Whatever comes first; the rest has no effect.
package final class FetchWait: AppendObserver {
    private let bytesMissing: Atomic<Int>
    private let isDone = Atomic(false)
    private let promise: EventLoopPromise<Void>
    private let isWokenLater: Bool
    private let timer: Mutex<Scheduled<Void>?> = Mutex(nil)

    /// - Parameters:
    ///   - bytesMissing: How many bytes have to come, at least 1.
    ///   - limit: How long to wait for them.
    ///   - isWokenLater: Whether an append ends the wait only when its caller is done. Committed offsets are appended with the
    ///     group's lock held, and what follows the end of a wait, on the same event loop, may need it.
    package init(bytesMissing: Int, limit: TimeAmount, isWokenLater: Bool = false, on eventLoop: any EventLoop) {
        self.isWokenLater = isWokenLater
        self.bytesMissing = Atomic(bytesMissing)
        promise = eventLoop.makePromise(of: Void.self)
        let scheduled = eventLoop.scheduleTask(in: limit) { self.finish() }
        timer.withLock { $0 = scheduled }
    }

    /// Fulfilled when the wait is over.
    package var isOver: EventLoopFuture<Void> { promise.futureResult }

    /// Bytes were appended to one of its partitions.
    package func appended(_ byteCount: Int) {
        let missing = bytesMissing.subtract(byteCount, ordering: .acquiringAndReleasing).newValue
        guard missing <= 0 else { return }
        if isWokenLater { promise.futureResult.eventLoop.execute { self.finish() } } else { finish() }
    }

    package func logDeleted() { finish() }

    /// Ends the wait now.
    package func finish() {
        guard isDone.exchange(true, ordering: .acquiringAndReleasing) == false else { return }
        timer.withLock { timer in
            timer?.cancel()
            timer = nil
        }
        promise.succeed(())
    }
}
