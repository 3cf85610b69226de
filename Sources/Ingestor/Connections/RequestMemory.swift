import Synchronization

/// The memory of requests that arrive or are answered, and of answers that wait to be sent: all connections together.
///
/// A connection is charged for bytes that are here, never for bytes that a client only announced. Before it reads on it asks
/// for the next step; where there is no room it stops reading its socket and is called back, in the order of asking.
///
/// Requests that are half here could fill the memory so that none of them ever gets its rest. Two lanes prevent that, one for
/// requests of medium size and one for the greatest: each takes one request at a time, the oldest that waits, and has room of
/// its own for it. What a request held elsewhere moves into the lane with it, which makes room for others. So a large
/// request does not block small ones, a stream of small ones does not starve a large one, and a lane is free again as soon as
/// its request is answered or its connection is closed (see ``PeerWatch``: a client in a lane has to be fast).
///
/// Every connection may read ``IngestorLimits/smallRequestBytesMax`` without asking: heartbeats, fetches and small batches go
/// on whatever the others do.
package final class RequestMemory: Sendable {
    /// A connection that waits for room.
    private struct Waiter: Sendable {
        let id: UInt64
        let held: Int
        let step: Int
        let grant: @Sendable (Lane?) -> Void
    }

    /// Room that one request at a time has for itself.
    package struct Lane: Sendable, Equatable {
        fileprivate let index: Int
    }

    /// Identifies a wait, to cancel it.
    package struct Ticket: Sendable, Equatable {
        fileprivate let id: UInt64
        fileprivate let lane: Int
    }

    /// The answer to a request for memory.
    package enum Admission: Sendable, Equatable {
        case admitted(Lane?)
        case waiting(Ticket)
    }

    /// Waiters in the order of asking; cancelled ones are skipped.
    private struct WaitingLine {
        private var waiters: [UInt64: Waiter] = [:]
        private var order: [UInt64] = []
        private var head = 0

        var isEmpty: Bool { waiters.isEmpty }

        /// The one that has waited longest.
        var first: Waiter? { head < order.count ? waiters[order[head]] : nil }

        mutating func append(_ waiter: Waiter) {
            waiters[waiter.id] = waiter
            order.append(waiter.id)
        }

        mutating func remove(_ id: UInt64) -> Waiter? {
            guard let waiter = waiters.removeValue(forKey: id) else { return nil }
            while head < order.count, waiters[order[head]] == nil { head += 1 }
            if head == order.count || head > 1024 {
                order.removeFirst(head)
                head = 0
            }
            return waiter
        }
    }

    private struct State {
        /// Bytes outside the lanes.
        var shared = 0
        var inLanes = 0
        var isTaken: [Bool]
        var lines: [WaitingLine]
        var ids: UInt64 = 0

        /// The line whose first has waited longest of all.
        var oldestLine: Int? {
            lines.indices.filter { !lines[$0].isEmpty }
                .min { (lines[$0].first?.id ?? .max) < (lines[$1].first?.id ?? .max) }
        }
    }

    private let laneSizes: [Int]
    private let sharedLimit: Int
    private let state: Mutex<State>
    private let hasWaiters = Atomic(false)

    /// - Parameters:
    ///   - limit: The bytes that may be in use, the lanes' among them.
    ///   - laneSizes: The greatest request of each lane, in ascending order.
    package init(limit: Int, laneSizes: [Int]) {
        self.laneSizes = laneSizes
        sharedLimit = max(0, limit - laneSizes.reduce(0, +))
        let empty = laneSizes.map { _ in WaitingLine() }
        state = Mutex(State(isTaken: laneSizes.map { _ in false }, lines: empty))
    }

    package convenience init(_ limits: IngestorLimits) {
        self.init(limit: limits.requestMemoryBytesMax, laneSizes: limits.laneSizes)
    }

    /// The bytes in use.
    package var used: Int { state.withLock { $0.shared + $0.inLanes } }

    /// Whether a connection waits for memory: those that hold some have to be faster then.
    package var isShort: Bool { hasWaiters.load(ordering: .relaxed) }

    /// Whether so many more bytes fit; a hint, as others may be quicker.
    package func hasRoom(for byteCount: Int) -> Bool {
        state.withLock { $0.shared + byteCount <= sharedLimit }
    }

    /// Counts bytes that are here.
    package func charge(_ byteCount: Int, in lane: Lane?) {
        guard byteCount > 0 else { return }
        state.withLock { state in
            if lane == nil { state.shared += byteCount } else { state.inLanes += byteCount }
        }
    }

    /// Gives back bytes that were charged.
    package func release(_ byteCount: Int, in lane: Lane?) {
        guard byteCount > 0 else { return }
        change { state in
            if lane == nil { state.shared -= byteCount } else { state.inLanes -= byteCount }
        }
    }

    /// Frees a lane; the connection's remaining `byteCount` bytes are charged outside it from now on.
    package func leave(_ lane: Lane, holding byteCount: Int) {
        change { state in
            state.isTaken[lane.index] = false
            state.inLanes -= byteCount
            state.shared += byteCount
        }
    }

    /// Asks whether a request may go on.
    ///
    /// - Parameters:
    ///   - step: The bytes that come next.
    ///   - held: What its connection is charged for.
    ///   - whole: The length of the complete request.
    ///   - grant: Called once, on any thread, when it may go on after all; with the lane that it was given.
    package func admit(
        _ step: Int,
        holding held: Int,
        of whole: Int,
        orLater grant: @escaping @Sendable (Lane?) -> Void
    ) -> Admission {
        state.withLock { state in
            let lane = laneSizes.firstIndex { whole <= $0 } ?? laneSizes.count - 1
            if state.lines.allSatisfy(\.isEmpty), state.shared + step <= sharedLimit { return .admitted(nil) }
            if state.lines[lane].isEmpty, !state.isTaken[lane] {
                enter(lane, holding: held, &state)
                return .admitted(Lane(index: lane))
            }
            state.ids += 1
            state.lines[lane].append(Waiter(id: state.ids, held: held, step: step, grant: grant))
            hasWaiters.store(true, ordering: .relaxed)
            return .waiting(Ticket(id: state.ids, lane: lane))
        }
    }

    /// Stops waiting.
    ///
    /// - Returns: `false` where it was granted meanwhile: the grant is on its way.
    package func giveUp(_ ticket: Ticket) -> Bool {
        state.withLock { state in
            guard state.lines[ticket.lane].remove(ticket.id) != nil else { return false }
            noteWaiters(state)
            return true
        }
    }

    private func enter(_ lane: Int, holding held: Int, _ state: inout State) {
        state.isTaken[lane] = true
        state.shared -= held
        state.inLanes += held
    }

    private func noteWaiters(_ state: borrowing State) {
        hasWaiters.store(!state.lines.allSatisfy(\.isEmpty), ordering: .relaxed)
    }

    private func change(_ change: (inout State) -> Void) {
        let granted = state.withLock { state in
            change(&state)
            return hasWaiters.load(ordering: .relaxed) ? takeGranted(&state) : []
        }
        for (waiter, lane) in granted { waiter.grant(lane) }
    }

    private func takeGranted(_ state: inout State) -> [(Waiter, Lane?)] {
        var granted: [(Waiter, Lane?)] = []
        for lane in laneSizes.indices where !state.isTaken[lane] {
            guard let first = state.lines[lane].first, let waiter = state.lines[lane].remove(first.id) else { continue }
            enter(lane, holding: waiter.held, &state)
            granted.append((waiter, Lane(index: lane)))
        }
        var promised = 0
        while let line = state.oldestLine, let first = state.lines[line].first,
            state.shared + promised + first.step <= sharedLimit, let waiter = state.lines[line].remove(first.id)
        {
            promised += waiter.step
            granted.append((waiter, nil))
        }
        noteWaiters(state)
        return granted
    }
}
