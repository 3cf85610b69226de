package import NIOCore

/// Decides whether a client is fast enough to be kept: a client that sends nothing for long is not, nor one that sends its
/// request too slowly. While others wait for memory, a client that holds some has to be faster, both in sending its request
/// and in reading its answers. Pure: bytes and time come in.
///
/// What a client with unread answers sent of its next request is not looked at before there is room for the answer to that,
/// so it is not judged.
struct PeerWatch {
    /// The result of a check.
    enum Finding: Equatable {
        case fastEnough
        /// It sent nothing for ``IngestorLimits/connectionIdleTimeout``.
        case idle
        case requestTooSlow(String)
        case answersNotRead(String)
    }

    // Not all limits: there is one of these for each connection.
    private let idleTimeout: TimeAmount
    private let arrivalTimeout: TimeAmount
    private let pressedTime: TimeAmount
    private let smallRequestBytesMax: Int
    /// When the client last sent something, was answered, or read so much of its answers that there is room for more.
    private var lastActivity: NIODeadline
    /// How fast the request that is being read arrives.
    private var arrival: PeerProgress
    private var isArriving = false
    /// How fast the answers that are counted in memory leave.
    private var departure: PeerProgress
    /// What was not sent yet at the last check.
    private var unsentBytes: Int?

    init(_ limits: IngestorLimits, now: NIODeadline) {
        idleTimeout = limits.connectionIdleTimeout
        arrivalTimeout = limits.requestArrivalTimeout
        pressedTime = limits.pressedPace.time
        smallRequestBytesMax = limits.smallRequestBytesMax
        lastActivity = now
        arrival = PeerProgress(usual: limits.arrivalPace, pressed: limits.pressedPace, now: now)
        departure = PeerProgress(usual: nil, pressed: limits.pressedPace, now: now)
    }

    /// How long until the next check.
    func interval(holdsMemory: Bool) -> TimeAmount {
        let slow = min(arrivalTimeout, idleTimeout)
        return holdsMemory ? min(slow, pressedTime) : slow
    }

    mutating func wasActive(now: NIODeadline) { lastActivity = now }

    mutating func received(_ byteCount: Int, now: NIODeadline) {
        arrival.moved(byteCount)
        lastActivity = now
    }

    /// More bytes are read, of a request that has begun or of the next one.
    ///
    /// - Returns: whether one has just begun.
    mutating func requestIsArriving(_ hasBegun: Bool, now: @autoclosure () -> NIODeadline) -> Bool {
        let isNew = hasBegun && !isArriving
        if isNew { arrival.restart(now: now()) }
        isArriving = hasBegun
        return isNew
    }

    mutating func requestIsComplete() { isArriving = false }

    /// The client was held up for lack of memory, and may continue.
    mutating func mayContinue(now: NIODeadline) {
        arrival.restart(now: now)
        lastActivity = now
    }

    /// Answers are counted in memory from now on.
    mutating func answerIsWaiting() { unsentBytes = nil }

    /// - Parameters:
    ///   - isReading: Whether the connection neither answers a request nor waits for memory.
    ///   - awaitsBytes: Whether the next bytes are up to the client.
    ///   - requestBytes: What has arrived of requests.
    ///   - unsentBytes: What the client has not read of its answers; `nil` where none of it is counted in memory.
    mutating func check(
        now: NIODeadline,
        isReading: Bool,
        awaitsBytes: Bool,
        requestBytes: Int,
        unsentBytes: Int?,
        memoryIsShort: Bool
    ) -> Finding {
        if isReading {
            let isPressed = memoryIsShort && requestBytes > smallRequestBytesMax
            if awaitsBytes, isArriving, arrival.isTooSlow(now: now, memoryIsShort: isPressed) {
                return .requestTooSlow(
                    isPressed
                        ? "the rest of a request came too slowly while memory for requests was short"
                        : "the rest of a request did not come in time"
                )
            }
            if now - lastActivity >= idleTimeout { return .idle }
        }
        if let unsentBytes, readsTooSlowly(unsentBytes, now: now, memoryIsShort) {
            return .answersNotRead("answers were not taken while memory for requests was short")
        }
        return .fastEnough
    }

    private mutating func readsTooSlowly(_ unsent: Int, now: NIODeadline, _ memoryIsShort: Bool) -> Bool {
        defer { unsentBytes = unsent }
        guard let before = unsentBytes else {
            departure.restart(now: now)
            return false
        }
        departure.moved(max(0, before - unsent))
        return departure.isTooSlow(now: now, memoryIsShort: memoryIsShort)
    }
}

/// Measures whether bytes move fast enough. Pure: bytes and time come in.
///
/// A client that the ingestor itself holds up is not judged: ``restart(now:)`` when it may continue.
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

    /// The client may continue: its time begins now.
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
