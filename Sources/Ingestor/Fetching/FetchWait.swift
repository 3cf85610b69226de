package import NIOCore
import Synchronization

/// A fetch that waits for records: done when enough bytes were appended to its partitions, when its time is over, or when
/// it is told to hurry. Whatever comes first; the rest has no effect.
package final class FetchWait: Sendable {
    private let bytesMissing: Atomic<Int>
    private let isDone = Atomic(false)
    private let promise: EventLoopPromise<Void>
    private let timer: Mutex<Scheduled<Void>?> = Mutex(nil)

    /// - Parameters:
    ///   - bytesMissing: How many bytes have to come, at least 1.
    ///   - limit: How long to wait for them.
    package init(bytesMissing: Int, limit: TimeAmount, on eventLoop: any EventLoop) {
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
        if missing <= 0 { finish() }
    }

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

/// The fetches that wait for records of one partition.
///
/// A fetch of many partitions stands in the list of each; it is taken out of all of them when it is over.
package final class FetchWaits: Sendable {
    private let waits = Mutex<[ObjectIdentifier: FetchWait]>([:])
    /// Spares an append to a partition that nobody waits for the lock.
    private let count = Atomic(0)

    package init() {}

    package func add(_ wait: FetchWait) {
        waits.withLock { waits in
            waits[ObjectIdentifier(wait)] = wait
            count.store(waits.count, ordering: .sequentiallyConsistent)
        }
    }

    package func remove(_ wait: FetchWait) {
        waits.withLock { waits in
            waits[ObjectIdentifier(wait)] = nil
            count.store(waits.count, ordering: .sequentiallyConsistent)
        }
    }

    /// Tells every waiting fetch that the log has grown. Call it after the append: a fetch looks at the log once more after
    /// it stands in the list, so one of the two sees the other.
    package func appended(_ byteCount: Int) {
        guard count.load(ordering: .sequentiallyConsistent) > 0 else { return }
        let all = waits.withLock { Array($0.values) }
        for wait in all { wait.appended(byteCount) }
    }

    /// Ends every wait: the partition is deleted.
    package func finishAll() {
        let all = waits.withLock { Array($0.values) }
        for wait in all { wait.finish() }
    }
}
