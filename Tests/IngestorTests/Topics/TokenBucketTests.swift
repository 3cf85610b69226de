import Ingestor
import NIOCore
import Testing

@Suite struct TokenBucketTests {
    private let start = NIODeadline.uptimeNanoseconds(0)

    @Test func soMuchIsAllowedAtOnceAndTheRestWithTime() {
        var bucket = TokenBucket(capacity: 10, interval: .milliseconds(100), now: start)
        // How many are asked for, when, and how many there are.
        let steps: [(Int, TimeAmount, Int)] = [
            (7, .zero, 7), (7, .zero, 3), (7, .milliseconds(99), 0), (7, .milliseconds(199), 1),
            // The rest of an interval is not lost.
            (7, .milliseconds(200), 1), (70, .hours(1), 10), (1, .hours(1), 0),
        ]
        for (count, time, taken) in steps {
            let result = bucket.take(count, now: start + time)
            #expect(result == taken)
        }
    }
}
