import Files
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
            return try LogError.mapping { () throws(FileError) in try state.takeUnflushed() }
        }
        do throws(FileError) {
            for file in work.files { try file.synchronize() }
        } catch {
            let failure = LogError(error)
            state.withLock { $0.failure = failure }
            throw failure
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
    ///
    /// - Parameter reservedOffset: A new bound, to be used when this returns.
    func saveCheckpoint(
        cleanEnd: PartitionCheckpoint.CleanEnd? = nil,
        reservedOffset: Int64 = 0
    ) throws(LogError) {
        let checkpoint = state.withLock { state in
            let unflushed = state.segments.first { $0.needsFlush || $0.isActive }
            return PartitionCheckpoint(
                logStartOffset: state.logStartOffset,
                recoveryOffset: min(unflushed?.baseOffset ?? state.endOffset, state.damagedFrom ?? .max),
                flushedOffset: state.flushedOffset,
                reservedOffset: max(state.reservedOffset, reservedOffset),
                cleanEnd: state.damagedFrom == nil ? cleanEnd : nil
            )
        }
        do throws(FileError) {
            try checkpoint.save(in: directory, disk: disk)
        } catch {
            throw LogError(error)
        }
        state.withLock { $0.notedStartOffset = max($0.notedStartOffset, checkpoint.logStartOffset) }
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
            try LogError.mapping { () throws(FileError) in
                try active.saveIndexes(durably: true)
                try ProducerSnapshot(offset: endOffset, producers: producers.producers).save(in: directory, disk: disk)
                try ProducerSnapshot.prune(in: directory, disk: disk)
            }
            try saveCheckpoint(
                cleanEnd: .init(
                    segment: active.baseOffset,
                    bytes: active.size,
                    endOffset: endOffset,
                    opening: reservations?.opening
                )
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
    var files: [OpenFile] = []
    /// The base offsets of the sealed segments among them.
    var sealed: Set<Int64> = []
    /// Records before it are on the device afterwards.
    let endOffset: Int64
}

extension LogState {
    /// The files that are not on the device as they are, all of them open: where one cannot be opened nothing is lost,
    /// and the next flush tries again. What is appended and sealed from here on is left to the next one.
    fileprivate mutating func takeUnflushed() throws(FileError) -> UnflushedFiles {
        var work = UnflushedFiles(endOffset: endOffset)
        var indexes: [OpenFile] = []
        for index in segments.indices where segments[index].needsFlush {
            work.files.append(try segments[index].file())
            indexes.append(try disk.open(segments[index].offsetIndexPath))
            indexes.append(try disk.open(segments[index].timeIndexPath))
            work.sealed.insert(segments[index].baseOffset)
        }
        if flushedOffset < endOffset { work.files.append(try active.file()) }
        work.files += indexes
        if directoryNeedsFlush { work.files.append(try disk.open(directory, options: .directory)) }
        directoryNeedsFlush = false
        unflushedSince = nil
        return work
    }
}
