import Foundation
import Synchronization

/// How far a command is, in one line of a terminal that each report replaces, with an estimate of the time left. Nothing
/// is shown where standard error is not a terminal.
final class ProgressLine: Sendable {
    /// Bounds of what is shown.
    private enum Limits {
        /// Reports that follow sooner are passed over.
        static let interval = Duration.milliseconds(100)
        /// Before this nothing is estimated: it would jump about.
        static let estimateAfter = Duration.seconds(1)
    }

    private struct State {
        var stage = ""
        var begin = ContinuousClock.now
        var shown: ContinuousClock.Instant?
    }

    private let state = Mutex(State())
    private let isShown: Bool

    /// - Parameter isQuiet: whether --quiet was given, or a program reads the output.
    init(isQuiet: Bool) {
        isShown = !isQuiet && StandardError.isTerminal
    }

    /// Shows that `done` of `total` units of `stage` are done; a new stage begins a new estimate.
    func show(_ stage: String, done: Int, of total: Int) {
        guard isShown else { return }
        let now = ContinuousClock.now
        let line = state.withLock { state -> String? in
            if state.stage != stage { state = State(stage: stage, begin: now) }
            if let shown = state.shown, shown.duration(to: now) < Limits.interval { return nil }
            state.shown = now
            return Self.line(stage, done: done, of: total, elapsed: state.begin.duration(to: now))
        }
        if let line { StandardError.write("\r\(line)\u{1B}[K") }
    }

    /// Takes the line away, before anything else is said.
    func clear() {
        guard isShown else { return }
        let wasShown = state.withLock { state in
            defer { state.shown = nil }
            return state.shown != nil
        }
        if wasShown { StandardError.write("\r\u{1B}[K") }
    }

    /// One line: `audit 45 %, about 12 s left`.
    static func line(_ stage: String, done: Int, of total: Int, elapsed: Duration) -> String {
        guard total > 0 else { return stage }
        let share = min(1, max(0, Double(done) / Double(total)))
        let percent = "\(stage) \(Int(share * 100)) %"
        guard elapsed >= Limits.estimateAfter, share > 0, share < 1 else { return percent }
        let left = (elapsed / .seconds(1)) * (1 - share) / share
        let seconds = Int(left.rounded(.up))
        return seconds < 120 ? "\(percent), about \(seconds) s left" : "\(percent), about \(seconds / 60) min left"
    }
}
