/// Which server a call is sent to, and how often: a pure machine, time is passed in.
///
/// A round asks each server once, beginning with the one that answered last; there is always a whole one. Between rounds
/// there is a pause that grows.
struct CallAttempts: Sendable {
    /// Why a call was not done, as far as trying again is concerned.
    enum Failure: Hashable, Sendable {
        /// There was no connection, so nothing was sent.
        case notReached
        /// Another NameNode is the active one.
        case standby
        /// The server cannot do it now, and has not done it: safe mode, start-up, a recovery that is under way.
        case busy
        /// The request was sent, and no answer came. Only a call that may be done twice is tried again.
        case unanswered
    }

    /// The number of the server that is to be asked.
    private(set) var server: Int
    private let servers: Int
    private let retryFor: Duration
    /// How many servers were asked in this round.
    private var asked = 0
    private var pause = HDFSLimits.firstPause

    init(servers: Int = 1, first: Int = 0, retryFor: Duration) {
        precondition(servers > 0 && (0..<servers).contains(first), "a call needs a server")
        self.servers = servers
        self.retryFor = retryFor
        server = first
    }

    /// The server could not do the call.
    ///
    /// - Parameter elapsed: the time since the first attempt began.
    /// - Returns: how long to wait before `server` is asked; `nil` to give up.
    mutating func failed(_ failure: Failure, after elapsed: Duration) -> Duration? {
        asked += 1
        // The active NameNode stays the one to ask while it is busy.
        if failure != .busy { server = (server + 1) % servers }
        if failure != .busy, asked < servers { return .zero }
        asked = 0
        let wait = pause
        pause = min(pause * 2, HDFSLimits.longestPause)
        return elapsed + wait <= retryFor ? wait : nil
    }
}
