import Synchronization
import SystemPackage

extension PartitionLog {
    /// Forces everything that was appended before the call to the device.
    ///
    /// - Throws: ``LogError/Code/storageFailed`` where the device did not take it. The log takes no batches then until
    ///   it was opened again: what the device holds is unknown, and a second try would not tell.
    package func flush() throws(LogError) { try flush(through: endOffset) }

    /// Returns when all records before `offset` are on the device. Callers that wait for one another share one flush.
    func flush(through offset: Int64) throws(LogError) {
        try maintenance.withLock { _ throws(LogError) in
            if state.withLock({ $0.flushedOffset >= offset }) { return }
            try synchronize()
        }
    }

    /// Forces all unflushed segments, and the directory's names, to the device. Call it with ``maintenance`` held.
    ///
    /// - Returns: whether sealed segments were among them, so that the recovery point moves.
    @discardableResult
    func synchronize() throws(LogError) -> Bool {
        struct Work {
            var files: [LogFile] = []
            var indexes: [FilePath] = []
            var sealed: Set<Int64> = []
            var endOffset: Int64 = 0
            var hasNewNames = false
        }
        let work = try state.withLock { state throws(LogError) in
            var work = Work(endOffset: state.endOffset, hasNewNames: state.directoryNeedsFlush)
            for index in state.segments.indices where state.segments[index].needsFlush {
                work.files.append(try state.segments[index].file())
                work.indexes += [state.segments[index].offsetIndexPath, state.segments[index].timeIndexPath]
                work.sealed.insert(state.segments[index].baseOffset)
            }
            if state.flushedOffset < state.endOffset { work.files.append(try state.active.file()) }
            // What is appended from here on is unflushed; its exact moment is not known any more, so it counts from now
            // on at the next append.
            state.unflushedSince = nil
            return work
        }
        do throws(LogError) {
            for file in work.files { try file.synchronize() }
            for path in work.indexes { try LogFile(path, calls: calls).synchronize() }
            if work.hasNewNames { try Disk.synchronizeDirectory(directory, calls: calls) }
        } catch {
            state.withLock { $0.failure = error }
            throw error
        }
        state.withLock { state in
            state.flushedOffset = max(state.flushedOffset, work.endOffset)
            if work.hasNewNames { state.directoryNeedsFlush = false }
            for index in state.segments.indices where work.sealed.contains(state.segments[index].baseOffset) {
                state.segments[index].needsFlush = false
            }
        }
        return !work.sealed.isEmpty
    }

    /// Writes the checkpoint. Call it with ``maintenance`` held.
    func saveCheckpoint(cleanEnd: PartitionCheckpoint.CleanEnd? = nil) throws(LogError) {
        let checkpoint = state.withLock { state in
            let unflushed = state.segments.first { $0.needsFlush || $0.isActive }
            return PartitionCheckpoint(
                logStartOffset: state.logStartOffset,
                recoveryOffset: unflushed?.baseOffset ?? state.endOffset,
                cleanEnd: cleanEnd
            )
        }
        try checkpoint.save(in: directory, calls: calls)
    }

    /// Forces everything to the device and notes that, so that the next opening reads nothing. The log then refuses
    /// all calls with ``LogError/Code/closed``; slices that were read before stay valid. Closing twice does nothing.
    ///
    /// - Throws: ``LogError`` where the device did not take it all. The log is closed nevertheless, and recovers when
    ///   it is opened again.
    package func close() throws(LogError) {
        try maintenance.withLock { _ throws(LogError) in
            // Closed first: what was appended later would not be part of what is noted.
            let (wasClosed, failure) = state.withLock { state in
                defer { state.isClosed = true }
                return (state.isClosed, state.failure)
            }
            if wasClosed { return }
            if let failure { throw failure }
            try synchronize()
            let (active, endOffset, producers) = state.withLock { ($0.active, $0.endOffset, $0.producers) }
            try active.saveIndexes(durably: true)
            try ProducerSnapshot(offset: endOffset, producers: producers.producers).save(in: directory, calls: calls)
            try ProducerSnapshot.prune(in: directory, behind: endOffset)
            try saveCheckpoint(
                cleanEnd: .init(segment: active.baseOffset, bytes: active.size, endOffset: endOffset)
            )
        }
    }

    /// Closes the log without writing anything: its topic is deleted.
    func abandon() {
        maintenance.withLock { _ in state.withLock { $0.isClosed = true } }
    }
}
