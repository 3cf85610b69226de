import Glibc
import Synchronization

/// Work on many files at a time, for calls that wait for the device: several waits cost little more than one.
package enum ConcurrentWork {
    /// Calls `body` once for each number below `count`, on up to `threadsMax` threads, and returns when all calls have.
    ///
    /// - Parameter body: May block. Takes the numbers in their order, but several at a time.
    package static func run(_ count: Int, threadsMax: Int, _ body: @Sendable (Int) -> Void) {
        guard count > 1, threadsMax > 1 else { return (0..<count).forEach(body) }
        withoutActuallyEscaping(body) { body in
            let work = Work(count: count, body: body)
            let threads = (1..<min(count, threadsMax)).compactMap { _ in start(work) }
            // The caller is one of the threads, so that the work is done even where no other one can be had.
            work.run()
            for thread in threads { pthread_join(thread, nil) }
        }
    }

    /// What `body` makes of each element, in their order; see ``run(_:threadsMax:_:)``.
    package static func results<Element: Sendable, Output: Sendable, Failure: Error>(
        of elements: [Element],
        threadsMax: Int,
        _ body: @Sendable (Element) throws(Failure) -> Output
    ) -> [Result<Output, Failure>] {
        let results = Mutex<[Int: Result<Output, Failure>]>([:])
        run(elements.count, threadsMax: threadsMax) { index in
            let result = Result { () throws(Failure) in try body(elements[index]) }
            results.withLock { $0[index] = result }
        }
        return results.withLock { results in elements.indices.compactMap { results[$0] } }
    }

    private final class Work: Sendable {
        private let count: Int
        private let body: @Sendable (Int) -> Void
        private let next = Atomic(0)

        init(count: Int, body: @escaping @Sendable (Int) -> Void) {
            self.count = count
            self.body = body
        }

        func run() {
            while true {
                let number = next.add(1, ordering: .relaxed).oldValue
                guard number < count else { return }
                body(number)
            }
        }
    }

    private static func start(_ work: Work) -> pthread_t? {
        var thread = pthread_t()
        let reference = Unmanaged.passRetained(work)
        let result = pthread_create(
            &thread,
            nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            },
            reference.toOpaque()
        )
        if result == 0 { return thread }
        reference.release()
        return nil
    }
}
