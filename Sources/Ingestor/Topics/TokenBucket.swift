package import NIOCore

/// Allows so much at once, and so much more with time. Pure: time comes in.
package struct TokenBucket: Sendable {
    private let capacity: Int
    private let interval: TimeAmount
    private var tokens: Int
    private var refilled: NIODeadline

    /// - Parameters:
    ///   - capacity: What is allowed at once after a rest.
    ///   - interval: The time after which one more is allowed.
    package init(capacity: Int, interval: TimeAmount, now: NIODeadline) {
        self.capacity = capacity
        self.interval = interval
        tokens = capacity
        refilled = now
    }

    /// Takes as many tokens as there are, up to `count`; returns how many.
    package mutating func take(_ count: Int, now: NIODeadline) -> Int {
        let earned = (now - refilled).nanoseconds / max(1, interval.nanoseconds)
        if earned > 0 {
            tokens = Int(min(Int64(capacity), Int64(tokens) + min(earned, Int64(capacity))))
            refilled = tokens == capacity ? now : refilled + .nanoseconds(earned * interval.nanoseconds)
        }
        let taken = min(tokens, count)
        tokens -= taken
        return taken
    }
}
