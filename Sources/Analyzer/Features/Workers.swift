import Analysis
import Synchronization

/// Shares numbered pieces of work among a few tasks.
enum Workers {
    /// Hands out the numbers of the pieces.
    final class Pieces: Sendable {
        private let count: Int
        private let issued = Atomic<Int>(0)

        init(count: Int) {
            self.count = count
        }

        /// The next piece; `nil` when none is left or the task is cancelled.
        func next() -> Int? {
            if Task.isCancelled { return nil }
            let piece = issued.add(1, ordering: .relaxed).oldValue
            return piece < count ? piece : nil
        }

        /// No further piece is needed.
        func stop() { issued.store(count, ordering: .relaxed) }
    }

    /// Runs `work` in at most `count` tasks; each asks for the next piece until none is left.
    ///
    /// Which worker gets which piece is random: their results must add up to the same in any order. An error of
    /// one ends the others after their piece.
    ///
    /// - Throws: the error of a worker; `cancelled` where the task is, since pieces may then be left.
    static func run<Result: Sendable>(
        _ count: Int,
        pieces: Int,
        _ work: @escaping @Sendable (Pieces) async throws(AnalysisError) -> Result
    ) async throws(AnalysisError) -> [Result] {
        let shared = Pieces(count: pieces)
        let outcome: Swift.Result<[Result], AnalysisError> = await withTaskGroup(
            of: Swift.Result<Result, AnalysisError>.self
        ) { group in
            for _ in 0..<max(1, min(count, pieces)) {
                group.addTask {
                    do throws(AnalysisError) {
                        return .success(try await work(shared))
                    } catch {
                        return .failure(error)
                    }
                }
            }
            var results: [Result] = []
            for await result in group {
                switch result {
                case .success(let value): results.append(value)
                case .failure(let error):
                    group.cancelAll()
                    return .failure(error)
                }
            }
            return .success(results)
        }
        let results = try outcome.get()
        if Task.isCancelled { throw .cancelled }
        return results
    }
}

/// Adds up the progress of all workers in one stage, and reports it.
final class StageProgress: Sendable {
    private let stage: AnalysisProgress.Stage
    private let total: Int
    private let done = Atomic<Int>(0)
    private let tell: @Sendable (AnalysisProgress) -> Void

    init(_ stage: AnalysisProgress.Stage, total: Int, _ tell: @escaping @Sendable (AnalysisProgress) -> Void) {
        self.stage = stage
        self.total = total
        self.tell = tell
    }

    func passed(_ units: Int) {
        let sum = done.add(units, ordering: .relaxed).newValue
        tell(AnalysisProgress(stage: stage, done: min(sum, total), total: total))
    }
}
