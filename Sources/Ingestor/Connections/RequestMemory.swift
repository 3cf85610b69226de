import Synchronization

/// The memory that requests under way may have, all connections together.
///
/// A connection reserves a request's bytes when it knows its length, before it reads on; if too much is in use it stops
/// reading its socket and is called back, in the order of asking, when there is room. Nothing is dropped, and somebody can
/// always go on: a reservation is granted whatever the count says when no other is held. Only requests whose bytes are in use
/// hold one: a fetch that waits for records, or a member that waits for its group, does not.
///
/// The first read of a request comes before its length is known, and a read may bring bytes behind the end of a request. These
/// are counted when they are there, also beyond the limit: no further requests are read then until they have become some. One
/// connection has at most one read's worth of them, as it reads on only when they are used up; so all connections together have
/// at most ``IngestorLimits/unreservedBytesMax``.
package final class RequestMemory: Sendable {
    /// A connection that waits for room.
    private struct Waiter: Sendable {
        let id: UInt64
        let byteCount: Int
        let grant: @Sendable () -> Void
    }

    private struct State {
        var used = 0
        var reservations = 0
        var waiters: [Waiter] = []
        var ids: UInt64 = 0

        func hasRoom(for byteCount: Int, limit: Int) -> Bool {
            reservations == 0 || used + byteCount <= limit
        }
    }

    /// Names a wait, to give it up.
    package struct Ticket: Sendable, Equatable {
        fileprivate let id: UInt64
    }

    package let limit: Int
    private let state = Mutex(State())

    /// - Parameter limit: The bytes that may be in use, at least 1.
    package init(limit: Int) {
        self.limit = limit
    }

    /// The bytes in use.
    package var used: Int { state.withLock(\.used) }

    /// Counts bytes that are there already.
    package func charge(_ byteCount: Int) {
        state.withLock { $0.used += byteCount }
    }

    /// Gives back bytes that were charged.
    package func discharge(_ byteCount: Int) {
        release { $0.used -= byteCount }
    }

    /// Reserves room for a request, or promises to.
    ///
    /// - Parameters:
    ///   - byteCount: How much more memory the request will need than is charged for it already.
    ///   - grant: Called once, on any thread, when the room was reserved after all.
    /// - Returns: `nil` where the room is reserved, else the ticket of the wait.
    package func reserve(_ byteCount: Int, orLater grant: @escaping @Sendable () -> Void) -> Ticket? {
        state.withLock { state in
            if state.waiters.isEmpty, state.hasRoom(for: byteCount, limit: limit) {
                state.used += byteCount
                state.reservations += 1
                return nil
            }
            state.ids += 1
            state.waiters.append(Waiter(id: state.ids, byteCount: byteCount, grant: grant))
            return Ticket(id: state.ids)
        }
    }

    /// Gives back a reservation and all that is charged with it.
    package func release(_ byteCount: Int) {
        release {
            $0.used -= byteCount
            $0.reservations -= 1
        }
    }

    /// Stops waiting.
    ///
    /// - Returns: `false` where the room was reserved meanwhile: then it is to be released.
    package func giveUp(_ ticket: Ticket) -> Bool {
        state.withLock { state in
            guard let index = state.waiters.firstIndex(where: { $0.id == ticket.id }) else { return false }
            state.waiters.remove(at: index)
            return true
        }
    }

    private func release(_ change: (inout State) -> Void) {
        let granted = state.withLock { state in
            change(&state)
            var granted: [Waiter] = []
            while let first = state.waiters.first, state.hasRoom(for: first.byteCount, limit: limit) {
                state.used += first.byteCount
                state.reservations += 1
                granted.append(state.waiters.removeFirst())
            }
            return granted
        }
        for waiter in granted { waiter.grant() }
    }
}
