import Synchronization

/// The lines that a program has written to one of its streams so far, and those to come.
///
/// Every iteration starts at the first line; it waits without polling and ends where the stream ends.
public final class ProgramLines: AsyncSequence, Sendable {
    public typealias Element = String
    public typealias Failure = Never

    private struct State {
        var lines: [String] = []
        var unfinished: [UInt8] = []
        var isEnded = false
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        var waiterCount = 0
    }

    private let state = Mutex(State())

    init() {}

    /// The lines that are there now.
    public var soFar: [String] { state.withLock { $0.lines } }

    /// Takes bytes as they came and wakes whoever waits for the lines that they complete.
    func receive(_ bytes: UnsafeRawBufferPointer) {
        wake { state in
            for byte in bytes {
                if byte == UInt8(ascii: "\n") {
                    state.lines.append(String(decoding: state.unfinished, as: UTF8.self))
                    state.unfinished.removeAll(keepingCapacity: true)
                } else {
                    state.unfinished.append(byte)
                }
            }
        }
    }

    /// The stream ended; a last line without an end of line counts as one.
    func end() {
        wake { state in
            if !state.unfinished.isEmpty {
                state.lines.append(String(decoding: state.unfinished, as: UTF8.self))
                state.unfinished = []
            }
            state.isEnded = true
        }
    }

    private func wake(_ change: (inout State) -> Void) {
        let waiters = state.withLock { state in
            change(&state)
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume() }
    }

    /// The line with this number, from 0; `nil` where the stream ended, or the waiting task was cancelled, before it.
    fileprivate func line(at index: Int) async -> String? {
        while true {
            let (line, isEnded): (String?, Bool) = state.withLock { state in
                (index < state.lines.count ? state.lines[index] : nil, state.isEnded)
            }
            if let line { return line }
            if isEnded || Task.isCancelled { return nil }
            await change(after: index)
        }
    }

    /// Waits until there are more than `count` lines, the stream ended or the task was cancelled.
    private func change(after count: Int) async {
        let id = state.withLock { state in
            state.waiterCount += 1
            return state.waiterCount
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // A cancellation before this point found nobody to wake, so it is looked for again under the lock.
                let isOver = state.withLock { state in
                    if state.lines.count > count || state.isEnded || Task.isCancelled { return true }
                    state.waiters[id] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
        }
    }

    public func makeAsyncIterator() -> Iterator { Iterator(lines: self) }

    public struct Iterator: AsyncIteratorProtocol {
        let lines: ProgramLines
        var index = 0

        public mutating func next() async -> String? {
            guard let line = await lines.line(at: index) else { return nil }
            index += 1
            return line
        }
    }
}
