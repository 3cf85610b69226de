import KafkaProtocol
import NIOCore
import Synchronization

/// One group's machine behind its lock, with the promises of waiting requests and the timer of its next deadline.
final class Group: Sendable {
    private enum Promise {
        case join(EventLoopPromise<JoinAnswer>)
        case sync(EventLoopPromise<SyncAnswer>)
    }

    private struct State {
        var machine: GroupMachine
        var waiting: [ReplyToken: Promise] = [:]
        var tokens: UInt64 = 0
        var timer: Scheduled<Void>?
        var timerDeadline: NIODeadline?
        /// Whether it was idle at the last check, and nothing has happened since.
        var seenIdle = false

        mutating func nextToken() -> ReplyToken {
            tokens += 1
            return ReplyToken(tokens)
        }
    }

    private let state: Mutex<State>
    /// What the members of all groups keep in memory.
    private let allBytes: GroupBytes
    private let eventLoop: any EventLoop
    private let now: @Sendable () -> NIODeadline

    init(
        machine: GroupMachine,
        allBytes: GroupBytes,
        eventLoop: any EventLoop,
        now: @escaping @Sendable () -> NIODeadline
    ) {
        self.allBytes = allBytes
        state = Mutex(State(machine: machine))
        self.eventLoop = eventLoop
        self.now = now
    }

    func join(
        _ promise: EventLoopPromise<JoinAnswer>,
        _ make: (ReplyToken) -> GroupJoin,
        _ view: TopicView,
        now: NIODeadline
    ) -> ReplyToken {
        run { state in
            let token = state.nextToken()
            state.waiting[token] = .join(promise)
            return (token, state.machine.receivedJoin(make(token), view, now: now))
        }
    }

    func sync(
        _ promise: EventLoopPromise<SyncAnswer>,
        _ make: (ReplyToken) -> GroupSync,
        now: NIODeadline
    ) -> ReplyToken {
        run { state in
            let token = state.nextToken()
            state.waiting[token] = .sync(promise)
            return (token, state.machine.receivedSync(make(token), now: now))
        }
    }

    /// The client disconnected; its promise is completed so that it does not leak.
    func abandon(_ token: ReplyToken, now: NIODeadline) {
        run { state in
            guard let promise = state.waiting[token] else { return ((), []) }
            state.machine.abandoned(token, now: now)
            let answer: GroupAction =
                switch promise {
                case .join: .answerJoin(token, .failed(.unknownMemberID, memberID: ""))
                case .sync: .answerSync(token, .failed(.unknownMemberID))
                }
            return ((), [answer])
        }
    }

    func transition<Result>(
        now: NIODeadline,
        _ event: (inout GroupMachine, NIODeadline) -> (Result, [GroupAction])
    ) -> Result {
        run { state in event(&state.machine, now) }
    }

    /// Whether it was idle twice in a row; it is dead then, and later requests look the group up again.
    func closeIfIdle() -> Bool {
        run { state in
            guard state.machine.isIdle else {
                state.seenIdle = false
                return (false, [])
            }
            guard state.seenIdle else {
                state.seenIdle = true
                return (false, [])
            }
            return (true, state.machine.closed())
        }
    }

    func close(now: NIODeadline) {
        run { state in ((), state.machine.closed()) }
    }

    /// One transition under the lock; then the answers, and the timer of what comes next.
    private func run<Result>(_ event: (inout State) -> (Result, [GroupAction])) -> Result {
        let (result, answers) = state.withLock { state -> (Result, [(Promise, GroupAction)]) in
            let before = state.machine.byteCount
            let (result, actions) = event(&state)
            allBytes.add(state.machine.byteCount - before)
            let answers = actions.compactMap { action in
                state.waiting.removeValue(forKey: action.token).map { ($0, action) }
            }
            reschedule(&state)
            return (result, answers)
        }
        for (promise, action) in answers {
            switch (promise, action) {
            case (.join(let promise), .answerJoin(_, let answer)): promise.succeed(answer)
            case (.sync(let promise), .answerSync(_, let answer)): promise.succeed(answer)
            case (.join, .answerSync), (.sync, .answerJoin):
                preconditionFailure("a token of the group was answered with the other kind of answer: \(action)")
            }
        }
        return result
    }

    /// A timer that fires early enough is kept: heartbeats move deadlines away all the time.
    private func reschedule(_ state: inout State) {
        guard let deadline = state.machine.nextDeadline else {
            state.timer?.cancel()
            state.timer = nil
            state.timerDeadline = nil
            return
        }
        if let scheduled = state.timerDeadline, scheduled <= deadline { return }
        state.timer?.cancel()
        state.timerDeadline = deadline
        state.timer = eventLoop.scheduleTask(deadline: deadline) { self.timerFired() }
    }

    private func timerFired() {
        run { state in
            state.timer = nil
            state.timerDeadline = nil
            return ((), state.machine.deadlineReached(now: now()))
        }
    }
}

/// Counts what the members of all groups keep in memory.
final class GroupBytes: Sendable {
    private let used = Atomic(0)

    var count: Int { used.load(ordering: .relaxed) }

    func add(_ byteCount: Int) {
        if byteCount != 0 { used.add(byteCount, ordering: .relaxed) }
    }
}
