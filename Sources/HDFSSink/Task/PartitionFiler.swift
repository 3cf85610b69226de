import CommitLedger
import ConnectAPI
import KafkaTopics
import Logging
import Storage

/// Files the records of one partition, from its takeover until it is given up or lost.
///
/// Any error ends it: what it held is dropped, and the next takeover begins at what is durable.
struct PartitionFiler {
    /// Bounds of what one partition holds.
    enum Limits {
        /// Bytes of one file that are gathered before they are written.
        static let bufferBytes = 256 << 10
        /// The same of all open files of the partition together, so that many directories do not cost much memory.
        static let buffersBytes = 4 << 20
        /// Fewer bytes are not worth a write.
        static let bufferBytesMin = 16 << 10
        /// Files that are open at once; before one more is opened, all are committed.
        static let openFiles = 100
    }

    let partition: TopicPartition
    private let context: any SinkTaskContext
    private let storage: any FileSystem
    private let logger: Logger
    private let extractor: TimestampExtractor
    private let format: RecordFormat
    private let flushSize: Int64
    private var partitioner: TimeBasedPartitioner
    var policy: RotationPolicy
    private(set) var ledger: CommitLedger
    /// The record of the takeover: what is filed has its epoch and lineage.
    private let takeover: CommitRecord
    /// Which topic of this name was there when the partition was taken over, if the broker tells.
    private let topicID: String?
    /// One for each directory with records since the last commit.
    private var files: [OpenFile] = []
    /// The file that took the last records.
    private var current = 0
    private var nextFileNumber: Int64 = 0
    /// The offsets since the last commit; `nil` while the position in the partition is not known.
    private var pending: Range<Int64>?
    private var counts = CommitCounts()
    private var lost = OffsetRanges()
    private var absent = OffsetRanges()
    /// The last record that was taken, filtered or not; `nil` if there was none since the takeover.
    private var fingerprint: RecordFingerprint?

    init(
        partition: SinkPartition,
        context: any SinkTaskContext,
        settings: HDFSSinkSettings,
        storage: any FileSystem,
        logger: Logger,
        ledger: CommitLedger,
        takeover: CommitRecord
    ) {
        self.partition = partition.id
        self.context = context
        self.storage = storage
        self.logger = logger
        self.ledger = ledger
        self.takeover = takeover
        topicID = partition.topicID
        extractor = settings.extractor
        format = settings.format
        flushSize = settings.rotation.flushSize
        partitioner = settings.partitioner
        policy = RotationPolicy(settings.rotation, retentionMilliseconds: partition.retentionMilliseconds)
        pending = takeover.next.map { $0..<$0 }
    }

    /// Takes a batch; commits in the middle of it whenever that is due.
    mutating func put(_ records: SinkRecords, now: Moment) async throws(FilingError) {
        let place = pending?.upperBound ?? records.firstOffset
        guard records.firstOffset == place else {
            throw .outOfPlace(expected: place, got: records.firstOffset)
        }
        if pending == nil { pending = place..<place }
        var index = 0
        let count = records.count
        while index < count {
            let run = nextRun(of: records, from: index, now: now)
            try await take(run, of: records, now: now)
            index = run.indexes.upperBound
            let next = index < count ? records.offsets[run.indexes.upperBound - 1] + 1 : records.nextOffset
            advance(to: next, records)
            if let reason = policy.dueReason(now: now) {
                fingerprint = records.fingerprint(ofLastRecordBefore: next) ?? fingerprint
                try await commit(reason, now: now)
            }
        }
        fingerprint = records.fingerprint(ofLastRecordBefore: records.nextOffset) ?? fingerprint
        if count == 0 { advance(to: records.nextOffset, records) }
        if counts.rows == 0, let pending, !pending.isEmpty {
            // There is nothing to file, but the position has to be committed.
            policy.passed(now: now)
        }
    }

    /// Files what is due by now.
    mutating func timerFired(now: Moment) async throws(FilingError) {
        if let reason = policy.dueReason(now: now) { try await commit(reason, now: now) }
    }

    /// Writes all that was gathered to the storage, so that the open files hold no memory. They stay open, so that
    /// short memory does not cause more files.
    mutating func writeOut() async throws(FilingError) {
        do {
            for index in files.indices { try await files[index].records.writeOut() }
        } catch {
            throw .storage(error)
        }
    }

    /// What the open files hold in memory.
    var memoryBytes: Int { files.reduce(0) { $0 + $1.records.memoryBytes } }

    /// Consecutive records of a batch that belong into one directory.
    private struct Run {
        var indexes: Range<Int>
        /// Those that have a value.
        var rows: Int64
        var firstRow: Int
        var lastRow: Int
        var least: Int64
        var greatest: Int64
        var span: Range<Int64>
    }

    private mutating func nextRun(of records: SinkRecords, from start: Int, now: Moment) -> Run {
        let timestamps = records.timestamps
        let ranges = records.valueRanges
        let first = time(timestamps[start], now: now)
        let span = span(at: first)
        var run = Run(
            indexes: start..<start,
            rows: 0,
            firstRow: start,
            lastRow: start,
            least: .max,
            greatest: .min,
            span: span
        )
        let rowsMax = max(1, flushSize - counts.rows)
        let byteLimit = ranges[start].lowerBound + Limits.bufferBytes
        var index = start
        while index < timestamps.count {
            let time = time(timestamps[index], now: now)
            let range = ranges[index]
            guard span.contains(time), run.rows < rowsMax else { break }
            if !range.isNull {
                guard range.lowerBound < byteLimit else { break }
                if run.rows == 0 { run.firstRow = index }
                run.lastRow = index
                run.rows += 1
                run.least = min(run.least, time)
                run.greatest = max(run.greatest, time)
            }
            index += 1
        }
        run.indexes = start..<index
        return run
    }

    private mutating func take(_ run: Run, of records: SinkRecords, now: Moment) async throws(FilingError) {
        // Records without a value are not filed: they count as filtered.
        let filtered = Int64(run.indexes.count) - run.rows
        guard run.rows > 0 else {
            counts.filtered += filtered
            return
        }
        let directory = partitioner.directory(at: run.least)
        try await open(directory, run.span, for: records, now: now)
        // Not before: opening may commit what came before this run, and its counts must not explain more.
        counts.filtered += filtered
        let before = files[current].records.bytes
        let limit = min(Limits.bufferBytes, max(Limits.bufferBytesMin, Limits.buffersBytes / files.count))
        do {
            try await files[current].records.append(records, run.indexes, holding: limit)
        } catch {
            throw .storage(error)
        }
        let bytes = files[current].records.bytes - before
        let offsets = records.offsets[run.firstRow]...records.offsets[run.lastRow]
        files[current].took(offsets, timestamps: run.least...run.greatest)
        counts.rows += run.rows
        policy.took(
            rows: run.rows,
            bytes: bytes,
            leastTimestamp: run.least,
            greatestTimestamp: run.greatest,
            spanEnd: run.span.upperBound,
            now: now
        )
    }

    /// Makes the file of `directory` the current one.
    private mutating func open(
        _ directory: String,
        _ span: Range<Int64>,
        for records: SinkRecords,
        now: Moment
    ) async throws(FilingError) {
        if current < files.count, files[current].directory == directory {
            files[current].span = span
            return
        }
        if let place = files.firstIndex(where: { $0.directory == directory }) {
            current = place
            files[current].span = span
            return
        }
        if files.count >= Limits.openFiles {
            fingerprint = pending.flatMap { records.fingerprint(ofLastRecordBefore: $0.upperBound) } ?? fingerprint
            try await commit(.openFiles, now: now)
        }
        do {
            let path = try ledger.layout.temporaryData(epoch: takeover.epoch, number: nextFileNumber)
            nextFileNumber += 1
            let writer = try await storage.create(path)
            files.append(OpenFile(directory: directory, temporary: path, span: span, records: format.file(writer)))
            current = files.count - 1
        } catch {
            throw .storage(error)
        }
    }

    /// Says that all offsets before `next` are explained.
    private mutating func advance(to next: Int64, _ records: SinkRecords) {
        guard let done = pending else { return }
        let passed = done.upperBound..<next
        let skipped = records.skippedCounts(in: passed)
        counts.unfiled += skipped
        if skipped.lost + skipped.absent > 0 {
            for skip in records.skips(in: passed) {
                switch skip.reason {
                case .lost: lost.add(skip.offsets.clamped(to: passed))
                case .absent: absent.add(skip.offsets.clamped(to: passed))
                case .filtered, .deadLettered: break
                }
            }
        }
        pending = done.lowerBound..<next
    }

    /// The time that decides a record's directory. Producers may send any number; one outside the calendar counts as the
    /// nearest moment that has a directory.
    private func time(_ timestamp: Timestamp, now: Moment) -> Int64 {
        if extractor == .wallclock || timestamp == .unknown { return now.wall.milliseconds }
        let moments = TimeBasedPartitioner.moments
        return min(max(timestamp.milliseconds, moments.lowerBound), moments.upperBound)
    }

    private mutating func span(at time: Int64) -> Range<Int64> {
        if current < files.count, files[current].span.contains(time) { return files[current].span }
        return partitioner.span(at: time)
    }

    /// Files all that was taken, in one commit.
    mutating func commit(_ reason: RotationReason, now: Moment) async throws(FilingError) {
        guard let offsets = pending, !offsets.isEmpty else { return }
        try await confirmTopic(of: offsets)
        var closed: [CommitRecord.File] = []
        do {
            for index in files.indices {
                closed.append(try await files[index].close(layout: ledger.layout, lineage: takeover.lineage))
            }
        } catch {
            throw .storage(error)
        }
        counts.bytes = closed.reduce(0) { $0 + $1.bytes }
        let proposal = CommitProposal(
            first: offsets.lowerBound,
            next: offsets.upperBound,
            files: closed,
            lost: lost.list,
            absent: absent.list,
            counts: counts,
            fingerprint: fingerprint,
            topicID: topicID,
            time: now.wall.milliseconds
        )
        // From here on the files belong to the protocol, even if the commit fails.
        files = []
        let outcome: CommitLedger.Outcome
        do {
            outcome = try await ledger.commit(proposal)
        } catch {
            throw .protocolStopped(error)
        }
        guard case .committed(let record) = outcome else { throw .fenced }
        log(record, reason)
        pending = offsets.upperBound..<offsets.upperBound
        counts = CommitCounts()
        lost = OffsetRanges()
        absent = OffsetRanges()
        policy.committed()
    }

    /// Makes sure that the records of `offsets`, all that was taken, come from the topic under which the partition was
    /// taken over: one that was made again in between has other records at these offsets. A topic that is gone has none at
    /// all, so what was read of it is filed.
    private func confirmTopic(of offsets: Range<Int64>) async throws(FilingError) {
        guard let topicID else { return }
        let found: String?
        do throws(SinkTaskError) {
            found = try await context.topicID(of: partition.topic)
        } catch {
            throw .unconfirmed(error)
        }
        if let found, found != topicID { throw .replaced(offsets, known: topicID, found: found) }
    }

    /// Deletes what was not committed. Files of a commit that failed are left: it may have succeeded, which the next
    /// takeover finds out.
    mutating func drop() async {
        for file in files {
            await file.records.abandon()
            do {
                _ = try await storage.delete(file.temporary)
            } catch {
                // The next takeover sweeps it.
                logger.debug("a temporary file could not be deleted", metadata: [LogKeys.error: "\(error)"])
            }
        }
        files = []
    }

    private func log(_ record: CommitRecord, _ reason: RotationReason) {
        // Only now, and so once: until a loss is committed, each takeover finds it again.
        for offsets in record.lost {
            logger.error(
                "retention removed records before they were filed",
                metadata: [
                    LogKeys.partition: "\(partition)", LogKeys.offsets: "\(offsets.first)..<\(offsets.next)",
                ]
            )
        }
        logger.info(
            "filed records",
            metadata: [
                LogKeys.partition: "\(partition)",
                LogKeys.offsets: "\(record.first ?? 0)..<\(record.next ?? 0)",
                LogKeys.rows: "\(record.counts.rows)",
                LogKeys.files: "\(record.files.count)",
                LogKeys.reason: "\(reason.rawValue)",
                LogKeys.sequence: "\(record.sequence)",
            ]
        )
    }
}

/// A file under its temporary name while records are added to it, and what its commit record says about them.
private struct OpenFile {
    let directory: String
    let temporary: StoragePath
    /// The span of time, in milliseconds since 1970, whose records certainly lie in its directory.
    var span: Range<Int64>
    var records: any RecordFile
    private var offsets: ClosedRange<Int64>?
    private var timestamps: ClosedRange<Int64>?

    init(directory: String, temporary: StoragePath, span: Range<Int64>, records: any RecordFile) {
        self.directory = directory
        self.temporary = temporary
        self.span = span
        self.records = records
    }

    /// Records with these offsets and timestamps were added.
    mutating func took(_ offsets: ClosedRange<Int64>, timestamps: ClosedRange<Int64>) {
        self.offsets = Self.union(self.offsets, offsets)
        self.timestamps = Self.union(self.timestamps, timestamps)
    }

    private static func union(_ one: ClosedRange<Int64>?, _ other: ClosedRange<Int64>) -> ClosedRange<Int64> {
        guard let one else { return other }
        return min(one.lowerBound, other.lowerBound)...max(one.upperBound, other.upperBound)
    }

    /// Ends the file and says what it holds, to be committed.
    mutating func close(layout: CommitLayout, lineage: Int64) async throws(StorageError) -> CommitRecord.File {
        guard let offsets, let timestamps else { preconditionFailure("a file is opened for the record that it takes") }
        let contents = try await records.close()
        let (first, last) = (offsets.lowerBound, offsets.upperBound)
        return CommitRecord.File(
            temporary: temporary.string,
            final: try layout.final(directory: directory, first: first, last: last, lineage: lineage).string,
            first: first,
            last: last,
            rows: contents.rows,
            bytes: contents.bytes,
            crc32c: contents.crc32c,
            least: timestamps.lowerBound,
            greatest: timestamps.upperBound
        )
    }
}

/// Why filing of a partition ended.
enum FilingError: Error {
    case storage(StorageError)
    case protocolStopped(CommitProtocol.Problem)
    case fenced
    case outOfPlace(expected: Int64, got: Int64)
    /// The cluster did not answer whether the topic is still the same.
    case unconfirmed(SinkTaskError)
    /// The records of these offsets may come from another topic than the one that was taken over.
    case replaced(Range<Int64>, known: String, found: String)

    /// What the runner is told.
    func taskError(_ partition: TopicPartition) -> SinkTaskError {
        switch self {
        case .storage(let error):
            SinkTaskError(
                error.isRetriable ? .retriable : .permanent,
                error.description,
                partitions: [partition],
                underlying: nil
            )
        case .protocolStopped(let problem):
            SinkTaskError(problem.isRetriable ? .retriable : .permanent, problem.description, partitions: [partition])
        case .fenced:
            SinkTaskError(
                .fenced,
                "another writer took the partition over; what was not filed is left to it",
                partitions: [partition]
            )
        case .outOfPlace(let expected, let got):
            SinkTaskError(
                .permanent,
                "got records from offset \(got) where offset \(expected) is next; restart the task",
                partitions: [partition]
            )
        case .unconfirmed(let error):
            SinkTaskError(error.code, error.message, partitions: [partition], underlying: error.underlying)
        case .replaced(let offsets, let known, let found):
            SinkTaskError(
                .retriable,
                """
                the topic was made again: its id was \(known), and is \(found) now. What was read of offsets \
                \(offsets.lowerBound)..<\(offsets.upperBound) is not filed: it may be another topic's
                """,
                partitions: [partition]
            )
        }
    }
}
