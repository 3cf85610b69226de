import Synchronization
import SystemPackage

extension PartitionLog {
    /// Forces everything that was appended before the call to the device.
    ///
    /// - Throws: ``LogError/Code/storageFailed``. Where the device did not take it, the log takes no batches until it was
    ///   opened again: what the device holds is unknown, and a second try would not tell. Where a file could not be
    ///   opened, nothing is lost, and the next flush tries again.
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
    /// - Throws: the earlier failure where there was one. The operating system tells of lost pages once: a second try
    ///   would succeed without them.
    @discardableResult
    func synchronize() throws(LogError) -> Bool {
        let work = try state.withLock { state throws(LogError) in
            if let failure = state.failure { throw failure }
            return try state.takeUnflushed()
        }
        do throws(LogError) {
            for file in work.files { try file.synchronize() }
        } catch {
            state.withLock { $0.failure = error }
            throw error
        }
        state.withLock { state in
            state.flushedOffset = max(state.flushedOffset, work.endOffset)
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

/// What one flush forces to the device.
private struct UnflushedFiles {
    /// Logs, then indexes, then the directory.
    var files: [LogFile] = []
    /// The base offsets of the sealed segments among them.
    var sealed: Set<Int64> = []
    /// Records before it are on the device afterwards.
    let endOffset: Int64
}

extension LogState {
    /// The files that are not on the device as they are, all of them open: where one cannot be opened nothing is lost,
    /// and the next flush tries again. What is appended and sealed from here on is left to the next one.
    fileprivate mutating func takeUnflushed() throws(LogError) -> UnflushedFiles {
        var work = UnflushedFiles(endOffset: endOffset)
        var indexes: [LogFile] = []
        for index in segments.indices where segments[index].needsFlush {
            work.files.append(try segments[index].file())
            indexes.append(try LogFile(segments[index].offsetIndexPath, calls: calls))
            indexes.append(try LogFile(segments[index].timeIndexPath, calls: calls))
            work.sealed.insert(segments[index].baseOffset)
        }
        if flushedOffset < endOffset { work.files.append(try active.file()) }
        work.files += indexes
        if directoryNeedsFlush { work.files.append(try LogFile(directory, calls: calls)) }
        directoryNeedsFlush = false
        unflushedSince = nil
        return work
    }
}
