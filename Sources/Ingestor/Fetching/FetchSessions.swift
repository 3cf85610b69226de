import KafkaProtocol
import NIOCore
import Synchronization

/// All fetch sessions (KIP-227), in a bounded number of slots and bytes. Where there is no room a client gets no session and
/// sends whole requests, as before there were any.
final class FetchSessions: Sendable {
    /// How a request is read.
    enum Course {
        /// As it is, without a session.
        case alone
        /// As a part of a session.
        case inSession(Turn, FetchRequest)
        case refused(ErrorCode)
    }

    /// A request of a session that is being answered. It has to end: until then the session takes no other request.
    struct Turn: Sendable {
        fileprivate let session: Session
        /// Whether the request began the session.
        fileprivate let isFirst: Bool

        /// The request is answered: what the client knows already is taken out of the answer.
        func end(with response: inout FetchResponse) {
            session.state.withLock { $0.answered(by: &response, isFirst: isFirst) }
        }
    }

    fileprivate final class Session: Sendable {
        let state: Mutex<FetchSession>

        init(_ state: FetchSession) { self.state = Mutex(state) }
    }

    private struct Entry {
        let session: Session
        var byteCount: Int
        var lastUsed: NIODeadline
    }

    private struct State {
        var entries: [Int32: Entry] = [:]
        var byteCount = 0

        mutating func remove(_ id: Int32) {
            byteCount -= entries.removeValue(forKey: id)?.byteCount ?? 0
        }
    }

    private let limits: IngestorLimits
    private let state = Mutex(State())

    init(_ limits: IngestorLimits) {
        self.limits = limits
    }

    /// The number of sessions.
    var count: Int { state.withLock { $0.entries.count } }

    /// What is to be done with a request: 0 begins a session in the place of one that it names, -1 ends that one.
    func course(of request: FetchRequest, version: Int16, now: NIODeadline) -> Course {
        let usesTopicIDs = version >= FetchRequest.firstVersionWithTopicIDs
        guard request.sessionEpoch == 0 || request.sessionEpoch == -1 else {
            return next(request, usesTopicIDs, now)
        }
        if request.sessionID != 0 { state.withLock { $0.remove(request.sessionID) } }
        guard request.sessionEpoch == 0, !request.topics.isEmpty, version >= 7 else { return .alone }
        return begin(request, usesTopicIDs, now)
    }

    private func begin(_ request: FetchRequest, _ usesTopicIDs: Bool, _ now: NIODeadline) -> Course {
        let id = state.withLock { state in
            while true {
                let id = Int32.random(in: 1...Int32.max)
                if state.entries[id] == nil { return id }
            }
        }
        let begun = FetchSession(id: id, request, usesTopicIDs: usesTopicIDs)
        let isKept = state.withLock { state in
            guard makeRoom(for: begun.byteCount, &state, now), state.entries[id] == nil else { return false }
            state.entries[id] = Entry(session: Session(begun), byteCount: begun.byteCount, lastUsed: now)
            state.byteCount += begun.byteCount
            return true
        }
        guard isKept, let session = state.withLock({ $0.entries[id]?.session }) else { return .alone }
        return .inSession(Turn(session: session, isFirst: true), begun.whole(request))
    }

    private func next(_ request: FetchRequest, _ usesTopicIDs: Bool, _ now: NIODeadline) -> Course {
        let session = state.withLock { state in
            state.entries[request.sessionID]?.lastUsed = now
            return state.entries[request.sessionID]?.session
        }
        guard let session else { return .refused(.fetchSessionIDNotFound) }
        let (problem, whole, byteCount) = session.state.withLock { session in
            let problem = session.take(request, usesTopicIDs: usesTopicIDs)
            let isTooMuch = session.partitionCount > limits.partitionsPerRequestMax
            let whole = problem == nil && !isTooMuch ? session.whole(request) : nil
            return (problem, whole, session.byteCount)
        }
        if let problem { return .refused(problem) }
        let isKept = state.withLock { state in
            // Another request may have ended the session meanwhile; this one is still answered.
            guard let entry = state.entries[request.sessionID] else { return true }
            state.byteCount += byteCount - entry.byteCount
            state.entries[request.sessionID]?.byteCount = byteCount
            if whole != nil, state.byteCount <= limits.fetchSessionsBytesMax { return true }
            state.remove(request.sessionID)
            return false
        }
        guard isKept, let whole else { return .refused(.fetchSessionIDNotFound) }
        // A session that has lost its last partition ends.
        if whole.topics.isEmpty {
            state.withLock { $0.remove(request.sessionID) }
            return .alone
        }
        return .inSession(Turn(session: session, isFirst: false), whole)
    }

    /// Makes room for a session of this size: at the expense of those that were not used for
    /// ``IngestorLimits/fetchSessionIdleMin``, the one that was used least lately first.
    private func makeRoom(for byteCount: Int, _ state: inout State, _ now: NIODeadline) -> Bool {
        while state.entries.count >= limits.fetchSessionsMax
            || state.byteCount + byteCount > limits.fetchSessionsBytesMax
        {
            guard let oldest = state.entries.min(by: { $0.value.lastUsed < $1.value.lastUsed }),
                now - oldest.value.lastUsed >= limits.fetchSessionIdleMin
            else { return false }
            state.remove(oldest.key)
        }
        return true
    }
}
