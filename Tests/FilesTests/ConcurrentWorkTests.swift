import Files
import Glibc
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(15))) struct ConcurrentWorkTests {
    @Test(arguments: [0, 1, 2, 1_000], [0, 1, 7, 2_000])
    func everyNumberIsWorkedOnOnce(count: Int, threadsMax: Int) {
        let calls = Mutex<[Int: Int]>([:])
        ConcurrentWork.run(count, threadsMax: threadsMax) { number in calls.withLock { $0[number, default: 0] += 1 } }
        #expect(calls.withLock { $0 } == Dictionary(uniqueKeysWithValues: (0..<count).map { ($0, 1) }))
    }

    /// The first waits for the last: one thread alone would wait for ever.
    @Test func severalAreWorkedOnAtATime() {
        let isLastDone = Semaphore()
        let order = Mutex<[Int]>([])
        ConcurrentWork.run(3, threadsMax: 2) { number in
            if number == 0 { isLastDone.wait() }
            order.withLock { $0.append(number) }
            if number == 2 { isLastDone.signal() }
        }
        #expect(order.withLock { $0 } == [1, 2, 0])
    }

    private final class Semaphore: @unchecked Sendable {  // The system's semaphore is made for threads.
        private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

        init() { sem_init(semaphore, 0, 0) }

        deinit {
            sem_destroy(semaphore)
            semaphore.deallocate()
        }

        func wait() { while sem_wait(semaphore) != 0 {} }
        func signal() { sem_post(semaphore) }
    }
}
