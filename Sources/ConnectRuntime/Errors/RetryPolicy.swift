/// How long the runner waits before it tries again, and when a failure counts as final.
package struct RetryPolicy: Hashable, Sendable {
    /// The wait before the second try.
    static let delayMillisecondsMin: Int64 = 500

    /// How long it is tried without success, in milliseconds; `nil`: unlimited.
    package let timeoutMilliseconds: Int64?

    /// The longest wait between two tries, in milliseconds.
    package let delayMillisecondsMax: Int64

    package init(timeoutMilliseconds: Int64? = nil, delayMillisecondsMax: Int64 = 60_000) {
        self.timeoutMilliseconds = timeoutMilliseconds
        self.delayMillisecondsMax = delayMillisecondsMax
    }

    /// The wait after the `failures`-th failure in a row, from 1: doubled each time, up to the longest.
    func delayMilliseconds(afterFailures failures: Int) -> Int64 {
        let doublings = min(max(failures - 1, 0), 32)
        return min(delayMillisecondsMax, Self.delayMillisecondsMin << Int64(doublings))
    }

    /// Whether to try again `milliseconds` after the first failure.
    func allowsRetry(afterMilliseconds milliseconds: Int64) -> Bool {
        timeoutMilliseconds.map { milliseconds < $0 } ?? true
    }
}
