import Synchronization

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
