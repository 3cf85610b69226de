import KafkaProtocol
package import SystemPackage

extension PartitionLog {
    /// Opens the log in `directory`, which is made where it does not exist.
    ///
    /// After a clean close this reads three small files. Otherwise the segments that may not be on the device are read
    /// through, batch by batch with their CRC; indexes and producers are made again; bytes at the end that are no whole
    /// batch are cut. Acknowledged batches survive the end of the process at any moment; what a power cut may take is
    /// said at ``FlushPolicy``.
    ///
    /// - Parameter now: the time by the log's clock; producers found in the log count as active then.
    /// - Throws: ``LogError/Code/storageFailed`` where a file cannot be read or written.
    package static func open(
        directory: FilePath,
        configuration: LogConfiguration,
        now: Int64,
        calls: DiskCalls = .system
    ) throws(LogError) -> (log: PartitionLog, report: RecoveryReport) {
        try Disk.makeDirectory(directory)
        var opening = LogOpening(directory: directory, configuration: configuration, now: now, calls: calls)
        let state = try opening.run()
        return (PartitionLog(state), opening.report)
    }
}

/// The steps of opening a log.
private struct LogOpening {
    let directory: FilePath
    let configuration: LogConfiguration
    let now: Int64
    let calls: DiskCalls
    var report = RecoveryReport()

    mutating func run() throws(LogError) -> LogState {
        let checkpoint = try PartitionCheckpoint.load(from: directory)
        try removeLeftovers(startOffset: checkpoint?.logStartOffset ?? 0)
        var (segments, withoutIndexes) = try existingSegments()
        let cleanEnd = checkpoint?.cleanEnd.flatMap { end in
            segments.last.map { $0.baseOffset == end.segment && $0.size == end.bytes } == true ? end : nil
        }
        var endOffset = cleanEnd?.endOffset ?? checkpoint?.logStartOffset ?? 0
        var unreadCount = segments.count
        if cleanEnd == nil, !segments.isEmpty {
            report.wasClean = false
            let recoveryOffset = checkpoint?.recoveryOffset ?? 0
            // The last segment has no other to say where it ends, so it is read in any case.
            unreadCount = min(segments.firstIndex { $0.baseOffset >= recoveryOffset } ?? .max, segments.count - 1)
            endOffset = try recover(&segments, from: unreadCount)
        }
        for index in 0..<unreadCount where withoutIndexes.contains(segments[index].baseOffset) {
            try rebuildIndexes(of: &segments[index])
        }
        if let startOffset = checkpoint?.logStartOffset, endOffset < startOffset {
            // A power cut took records that were deleted already. Their offsets are not given again.
            for segment in segments { try segment.deleteFiles() }
            segments = []
            endOffset = startOffset
        }
        for index in segments.indices {
            let isExact = cleanEnd != nil || index < segments.count - 1
            segments[index].noteAppends(before: now, isExact: isExact)
        }
        if let last = segments.popLast() {
            segments.append(try last.activated())
        } else {
            segments = [try LogSegment.create(in: directory, baseOffset: endOffset, calls: calls)]
        }
        let producers = try producers(in: segments, endOffset: endOffset)
        return LogState(
            directory: directory,
            calls: calls,
            configuration: configuration,
            segments: segments,
            logStartOffset: max(checkpoint?.logStartOffset ?? 0, segments.first?.baseOffset ?? 0),
            endOffset: endOffset,
            producers: producers,
            // After a recovery it is not known what the device has; the next flush sees to it.
            flushedOffset: cleanEnd == nil ? segments.first?.baseOffset ?? 0 : endOffset,
            directoryNeedsFlush: cleanEnd == nil
        )
    }

    /// Removes what interrupted work left: files that were not whole yet, indexes without a log, segments that lie
    /// before the start of the log.
    private func removeLeftovers(startOffset: Int64) throws(LogError) {
        let names = try Disk.names(in: directory)
        for name in names where name.hasSuffix("." + Disk.temporaryExtension) {
            try Disk.remove(directory.appending(name))
        }
        let logs = names.compactMap { LogFileName($0) }.filter { $0.fileExtension == LogSegment.logExtension }
        let gone = zip(logs, logs.dropFirst()).filter { $1.offset <= startOffset }.map(\.0.offset)
        let kept = Set(logs.map(\.offset)).subtracting(gone)
        let parts = [LogSegment.logExtension, LogSegment.offsetIndexExtension, LogSegment.timeIndexExtension]
        for file in names.compactMap({ LogFileName($0) })
        where parts.contains(file.fileExtension) && !kept.contains(file.offset) {
            try Disk.remove(directory.appending(file.text))
        }
    }

    /// The segments on disk, in order and not opened for appending, and which of them lack an index.
    private func existingSegments() throws(LogError) -> (segments: [LogSegment], withoutIndexes: Set<Int64>) {
        var segments: [LogSegment] = []
        var withoutIndexes: Set<Int64> = []
        for name in try Disk.names(in: directory) {
            guard let file = LogFileName(name), file.fileExtension == LogSegment.logExtension else { continue }
            let (segment, hasIndexes) = try LogSegment.sealed(in: directory, baseOffset: file.offset, calls: calls)
            segments.append(segment)
            if !hasIndexes { withoutIndexes.insert(file.offset) }
        }
        return (segments, withoutIndexes)
    }

    private mutating func rebuildIndexes(of segment: inout LogSegment) throws(LogError) {
        _ = try segment.rebuild(
            verifying: false,
            indexIntervalBytes: configuration.indexIntervalBytes,
            expecting: segment.baseOffset
        )
        segment = try segment.sealed()
        report.indexesRebuilt += 1
    }

    /// Reads the segments from the one numbered `first` on and makes the log end behind their last whole batch.
    ///
    /// - Returns: the end offset.
    private mutating func recover(_ segments: inout [LogSegment], from first: Int) throws(LogError) -> Int64 {
        var nextOffset = segments[first].baseOffset
        for index in first..<segments.count {
            let found = try segments[index].rebuild(
                verifying: true,
                indexIntervalBytes: configuration.indexIntervalBytes,
                expecting: segments[index].baseOffset
            )
            report.segmentsChecked += 1
            report.bytesChecked += found.validBytes
            nextOffset = found.nextOffset
            let isLast = index == segments.count - 1
            let hole = !isLast && found.nextOffset != segments[index + 1].baseOffset
            if found.fileBytes > found.validBytes {
                report.bytesCut += found.fileBytes - found.validBytes
                report.reason =
                    "\(segments[index].logPath) at byte \(found.validBytes): \(found.problem ?? "not whole")"
                try segments[index].cut()
            } else if hole {
                report.reason = "\(segments[index].logPath) ends before the next segment begins"
            }
            if !isLast, hole || found.fileBytes > found.validBytes {
                try setAside(segments[(index + 1)...])
                segments.removeSubrange((index + 1)...)
                return nextOffset
            }
            if !isLast { segments[index] = try segments[index].sealed() }
        }
        return nextOffset
    }

    /// Renames segments behind a damaged place: the log cannot have them, and nobody but a person should delete them.
    private mutating func setAside(_ segments: ArraySlice<LogSegment>) throws(LogError) {
        for segment in segments {
            report.setAside.append(try segment.setAside().string)
        }
    }

    /// The producers at the end of the log: from the newest snapshot, and the batches behind it.
    private func producers(in segments: [LogSegment], endOffset: Int64) throws(LogError) -> ProducerStateManager {
        var producers = ProducerStateManager()
        let snapshot = try ProducerSnapshot.newest(in: directory, notBehind: endOffset)
        producers.producers = snapshot?.producers ?? [:]
        let start = snapshot?.offset ?? 0
        for (index, segment) in segments.enumerated() {
            let next = index + 1 < segments.count ? segments[index + 1].baseOffset : endOffset
            if next <= start { continue }
            var segment = segment
            var scanner = BatchScanner(
                try segment.file(),
                from: try segment.position(notBehind: start),
                to: segment.size,
                verifies: false,
                readBytes: LogLimits.lookupReadBytes
            )
            while let batch = try scanner.next() {
                if batch.header.baseOffset >= start { producers.record(batch.header, at: now) }
            }
        }
        try ProducerSnapshot.prune(in: directory, behind: endOffset)
        return producers
    }
}
