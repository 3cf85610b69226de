import Synchronization

/// Waits for a log to grow: a fetch that found too few records.
package protocol AppendObserver: AnyObject, Sendable {
    /// So many bytes were appended, and readers see them.
    func appended(_ byteCount: Int)
    /// The topic is deleted: nothing will be appended.
    func logDeleted()
}

/// The observers of one log.
///
/// An observer of many logs is registered with each; it removes itself from all of them when it is done.
package final class AppendObservers: Sendable {
    private let observers = Mutex<[ObjectIdentifier: any AppendObserver]>([:])
    /// Spares an append without observers the lock.
    private let count = Atomic(0)

    init() {}

    package func add(_ observer: any AppendObserver) {
        observers.withLock { observers in
            observers[ObjectIdentifier(observer)] = observer
            count.store(observers.count, ordering: .sequentiallyConsistent)
        }
    }

    package func remove(_ observer: any AppendObserver) {
        observers.withLock { observers in
            observers[ObjectIdentifier(observer)] = nil
            count.store(observers.count, ordering: .sequentiallyConsistent)
        }
    }

    /// Called after the append: an observer checks the log once more after it is added, so one of the two sees the other.
    func appended(_ byteCount: Int) {
        guard count.load(ordering: .sequentiallyConsistent) > 0 else { return }
        for observer in observers.withLock({ Array($0.values) }) { observer.appended(byteCount) }
    }

    func logDeleted() {
        for observer in observers.withLock({ Array($0.values) }) { observer.logDeleted() }
    }
}
