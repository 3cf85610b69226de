import Foundation
import Synchronization

/// A program that a test started with ``withProcess(_:arguments:environment:workingDirectory:input:_:)``.
public final class ProgramProcess: Sendable {
    /// How long is waited for a program unless a test says otherwise: it only ends a hang, on however busy a machine.
    public static let patience = Duration.seconds(600)

    /// Lines of standard output, as they come.
    public let output = ProgramLines()
    /// Lines of standard error, as they come.
    public let errorOutput = ProgramLines()

    private enum Phase {
        case starting
        case running(Int32)
        case ended(ProgramStatus)
        case failed(ProgramError)
    }

    private struct State {
        var phase = Phase.starting
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let name: String
    private let state = Mutex(State())

    init(name: String) { self.name = name }

    /// The number of the process, while it runs.
    public var processIdentifier: Int32? {
        state.withLock { state in
            if case .running(let pid) = state.phase { pid } else { nil }
        }
    }

    /// Sends a signal (`SIGTERM`, `SIGKILL`, …); nothing happens where the program has ended already.
    public func kill(_ signal: Int32) {
        state.withLock { state in
            // Under the lock, so that the number cannot belong to another process by now.
            if case .running(let pid) = state.phase { _ = Foundation.kill(pid, signal) }
        }
    }

    /// Waits until the program has ended and its files and locks are free again.
    public func waitForExit(within limit: Duration = ProgramProcess.patience) async throws(ProgramError)
        -> ProgramStatus
    {
        try await deadline(limit, "the end of the program") { [self] () async throws(ProgramError) in
            try await end()
        }
    }

    /// The result of `work`, which waits for something that the program does.
    ///
    /// - Throws: the program's last lines on standard error where it ends before `work` does, else what `work` throws.
    public func whileItRuns<Result: Sendable>(
        _ work: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Result.self) { group in
            group.addTask { try await work() }
            group.addTask { [self] in
                let status = try await end()
                throw ProgramError(.ended, "\(name) ended (\(status)) while it was needed; \(lastLines)")
            }
            defer { group.cancelAll() }
            for try await result in group { return result }
            preconditionFailure("a group of two tasks has a first result")
        }
    }

    private func end() async throws(ProgramError) -> ProgramStatus {
        while true {
            switch state.withLock({ $0.phase }) {
            case .ended(let status): return status
            case .failed(let error): throw error
            case .starting, .running:
                if Task.isCancelled { throw ProgramError(.deadlinePassed, "cancelled") }
                await nextPhase()
            }
        }
    }

    /// The first line of standard output that starts with `prefix`, from the program's beginning on.
    public func waitForLine(_ prefix: String, within limit: Duration = ProgramProcess.patience)
        async throws(ProgramError)
        -> String
    {
        try await waitForLine(prefix, of: output, within: limit)
    }

    /// The first line of `lines` (``output`` or ``errorOutput``) that starts with `prefix`.
    public func waitForLine(
        _ prefix: String,
        of lines: ProgramLines,
        within limit: Duration = ProgramProcess.patience
    ) async throws(ProgramError) -> String {
        try await deadline(limit, "a line that starts with '\(prefix)'") { [self] () async throws(ProgramError) in
            for await line in lines where line.hasPrefix(prefix) { return line }
            if Task.isCancelled { throw ProgramError(.deadlinePassed, "the wait for \(name) was cancelled") }
            throw ProgramError(.ended, "\(name) closed its output before a line with '\(prefix)'; \(lastLines)")
        }
    }

    /// Waits until the operating system has started the program, or failed to.
    func waitForStart() async throws(ProgramError) {
        while true {
            switch state.withLock({ $0.phase }) {
            case .running, .ended: return
            case .failed(let error): throw error
            case .starting: await nextPhase()
            }
        }
    }

    func started(_ pid: Int32) { enter(.running(pid)) }
    func ended(_ status: ProgramStatus) { enter(.ended(status)) }
    func failed(_ error: any Error) { enter(.failed(ProgramError(.notStarted, "\(name) did not run: \(error)"))) }

    private func enter(_ phase: Phase) {
        let waiters = state.withLock { state in
            state.phase = phase
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Every process ends with its scope, so a waiter is always woken; it then looks for its own cancellation.
    private func nextPhase() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if Task.isCancelled { return true }
                    if case .starting = state.phase {} else if case .running = state.phase {} else { return true }
                    state.waiters.append(continuation)
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            let waiters = state.withLock { state in
                defer { state.waiters = [] }
                return state.waiters
            }
            for waiter in waiters { waiter.resume() }
        }
    }

    private var lastLines: String {
        let lines = errorOutput.soFar.suffix(20)
        return lines.isEmpty
            ? "it wrote nothing to standard error" : "its last lines there:\n" + lines.joined(separator: "\n")
    }

    private func deadline<Result: Sendable>(
        _ limit: Duration,
        _ awaited: String,
        _ work: @escaping @Sendable () async throws(ProgramError) -> Result
    ) async throws(ProgramError) -> Result {
        let outcome: Swift.Result<Result, ProgramError>? = await withTaskGroup { group in
            group.addTask { () -> Swift.Result<Result, ProgramError>? in
                do throws(ProgramError) { return .success(try await work()) } catch { return .failure(error) }
            }
            group.addTask { () -> Swift.Result<Result, ProgramError>? in
                try? await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
        guard let outcome else {
            throw ProgramError(.deadlinePassed, "\(name): \(awaited) did not come within \(limit); \(lastLines)")
        }
        return try outcome.get()
    }
}

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

    /// Takes bytes as they came and wakes those who wait for the lines that they complete.
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
                // A cancellation before this point found no waiter, so check again under the lock.
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
