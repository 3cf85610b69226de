package import NIOCore

/// Judges whether a client sends its request, or takes its answer, fast enough to be kept. Pure: bytes and time come in.
///
/// A client that the ingestor itself holds up is not judged: ``restart(now:)`` when it may go on.
package struct PeerProgress {
    /// So many bytes within so much time is fast enough.
    package struct Pace: Sendable, Equatable {
        package var byteCount: Int
        package var time: TimeAmount

        package init(byteCount: Int, time: TimeAmount) {
            self.byteCount = byteCount
            self.time = time
        }
    }

    private struct Window {
        var start: NIODeadline
        var moved = 0

        /// Ends the window where its time is over; whether too little moved in it.
        mutating func isTooSlow(for pace: Pace, now: NIODeadline) -> Bool {
            guard now - start >= pace.time else { return false }
            let isTooSlow = moved < pace.byteCount
            self = Window(start: now)
            return isTooSlow
        }
    }

    private let usual: Pace?
    private let pressed: Pace
    private var window: Window
    private var pressedWindow: Window

    /// - Parameters:
    ///   - usual: What is asked at any time; `nil` for nothing.
    ///   - pressed: What is asked while others wait for the memory that this client holds.
    package init(usual: Pace?, pressed: Pace, now: NIODeadline) {
        self.usual = usual
        self.pressed = pressed
        window = Window(start: now)
        pressedWindow = Window(start: now)
    }

    /// The client may go on: its time begins now.
    package mutating func restart(now: NIODeadline) {
        window = Window(start: now)
        pressedWindow = Window(start: now)
    }

    /// Bytes went over the connection.
    package mutating func moved(_ byteCount: Int) {
        window.moved += byteCount
        pressedWindow.moved += byteCount
    }

    /// Whether the client is too slow to be kept.
    package mutating func isTooSlow(now: NIODeadline, memoryIsShort: Bool) -> Bool {
        if let usual, window.isTooSlow(for: usual, now: now) { return true }
        guard memoryIsShort else {
            pressedWindow = Window(start: now)
            return false
        }
        return pressedWindow.isTooSlow(for: pressed, now: now)
    }
}
