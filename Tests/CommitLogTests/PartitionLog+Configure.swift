import Synchronization

@testable import CommitLog

extension PartitionLog {
    /// Keeps the log differently from now on, so that one test sees it under several settings.
    func configure(_ change: (inout LogConfiguration) -> Void) {
        state.withLock { change(&$0.configuration) }
    }
}
