package import CommitLedger
import ConnectAPI
package import KafkaTopics

/// What the commit records of a partition say, as of its newest one.
package struct CommitEvidence: Hashable, Sendable {
    /// One commit record: which offsets it explains, and what became of them.
    package struct Commit: Hashable, Sendable {
        package var sequence: Int64
        package var offsets: Range<Int64>
        package var counts: CommitCounts
        /// The places of its files in `files`.
        package var files: Range<Int>
        /// Whether an earlier format wrote it, whose converter took more white space out of values than today's.
        package var isOldFormat = false

        package init(sequence: Int64, offsets: Range<Int64>, counts: CommitCounts, files: Range<Int>) {
            self.sequence = sequence
            self.offsets = offsets
            self.counts = counts
            self.files = files
        }
    }

    /// Offsets without a record in any file, and when that was committed.
    package struct Gap: Hashable, Sendable {
        package var offsets: Range<Int64>
        /// Milliseconds since 1970.
        package var time: Int64

        package init(_ offsets: Range<Int64>, time: Int64) {
            self.offsets = offsets
            self.time = time
        }
    }

    /// The sequence number of the newest record.
    package var sequence: Int64
    /// The sequence number of the last takeover: the epoch of the current writer.
    package var epoch: Int64
    /// The offset behind the last one that is explained; `nil` where nothing was ever filed.
    package var next: Int64?
    /// Since the beginning.
    package var totals = CommitCounts()
    /// Which log of the partition these counts are of: one more each time an operator accepts that it was replaced.
    package var lineage: Int64 = 1
    /// What earlier lineages filed.
    package var earlier = CommitCounts()
    /// How many offsets earlier lineages explain that the log of today gave again, or lost.
    package var replaced: Int64 = 0
    /// Where earlier lineages began.
    package var beginnings: [Int64: Int64] = [:]
    /// The newest lineage that began with `hera reset`: what the log held before its beginning is not missed.
    package var emptied: Int64?
    /// The newest lineage whose reset gave up the files of all earlier ones.
    package var cleared: Int64?
    /// When the lineage `emptied` began, in milliseconds since 1970; `nil` where its record is gone.
    package var emptiedAt: Int64?
    /// The id of the topic that the offsets belong to; `nil` where it is not known.
    package var topicID: String?
    /// The last record that is explained, as Kafka held it; `nil` where it is not known.
    package var fingerprint: RecordFingerprint?
    /// Offsets that have no record, as far as records list them.
    package var absentOffsets: [Range<Int64>] = []
    /// Offsets that an operator skipped.
    package var skippedOffsets: [Gap] = []
    /// Which offsets are known to be lost; older ones are only counted.
    package var lostOffsets: [Gap] = []
    /// The files that records name. Records are pruned, so older files may be missing here.
    package var files: [FileExpectation] = []
    /// The commits that are known, in order.
    package var commitRecords: [Commit] = []
    /// From this offset on every file is in `files`.
    package var knownFrom: Int64 = 0
    /// Whether every record since the first is known, and so every file of earlier lineages.
    package var isWhole = false
    /// When the partition's place moved last, in milliseconds since 1970; `nil` where it never did.
    package var movedAt: Int64?
    /// When the newest writer first took the partition over since then; `nil` if none did.
    package var takenOverAt: Int64?
    /// The process of that writer.
    var takenOverBy: String?
    /// The `next` of the record that was read last.
    var place: Int64?
    /// What is wrong with the records themselves.
    package var troubles: [AuditTrouble] = []

    package init(sequence: Int64, epoch: Int64, next: Int64?) {
        self.sequence = sequence
        self.epoch = epoch
        self.next = next
    }

    /// The sequence number of the newest record that has files; only its files may still wait for their names.
    package var lastFiling: Int64 { files.map(\.sequence).max() ?? 0 }

    /// The first offset that is explained: where the connector began.
    package var beginning: Int64 { (next ?? 0) - totals.offsets }
}

extension CommitEvidence {
    /// What the records of a partition say; `nil` where there is none.
    package init?(_ history: CommitRecordReader.History) {
        guard let newest = history.newest else { return nil }
        self.init(sequence: newest.sequence, epoch: newest.epoch, next: newest.next)
        totals = newest.totals
        lineage = newest.lineage
        earlier = newest.earlier
        (emptied, cleared) = (newest.emptied, newest.cleared)
        topicID = newest.topicID
        fingerprint = newest.fingerprint
        // Files are known back to the last gap in the numbers.
        var known = history.records[...]
        for (index, stored) in history.records.enumerated().dropFirst()
        where stored.record.sequence != history.records[index - 1].record.sequence + 1 {
            known = history.records[index...]
        }
        let records = known.map(\.record)
        for record in records { add(record) }
        let isKnownSinceClearing = records.contains { $0.kind == .reset && $0.lineage == newest.cleared }
        isWhole = records.first?.sequence == 1 || isKnownSinceClearing
        knownFrom = isWhole ? beginning : records.compactMap(\.first).first ?? newest.next ?? 0
        troubles = history.problems.map { problem in
            AuditTrouble(
                .recordsBroken,
                topic: history.partition.topic,
                partition: history.partition.partition,
                what: problem,
                advice: "commit records were changed by hand or corrupted: restore them from a backup"
            )
        }
    }

    private mutating func add(_ record: CommitRecord) {
        if record.kind == .reset, record.cleared == record.lineage { forgetFiles() }
        let firstFile = files.count
        files += record.files.map { FileExpectation($0, sequence: record.sequence) }
        lostOffsets += record.lost.map { Gap($0.first..<$0.next, time: record.time) }
        guard record.kind != .takeover else {
            // The same process tries again and again where a partition fails; another one begins anew.
            if takenOverAt == nil || Self.process(record.writer) != takenOverBy { takenOverAt = record.time }
            takenOverBy = Self.process(record.writer)
            return
        }
        movedAt = record.time
        takenOverAt = nil
        absentOffsets += record.absent.map { $0.first..<$0.next }
        skippedOffsets += record.skipped.map { Gap($0.first..<$0.next, time: record.time) }
        if record.kind == .reset, record.emptied == record.lineage { emptiedAt = record.time }
        if record.kind == .reset, let next = record.next {
            // Kafka holds other records from here on than those that were filed.
            commitRecords.removeAll { $0.offsets.upperBound > next }
            lostOffsets.removeAll { $0.offsets.upperBound > next }
            replaced += max(0, (place ?? next) - next)
        }
        if record.kind == .commit, let first = record.first, let next = record.next, first <= next {
            var commit = Commit(
                sequence: record.sequence,
                offsets: first..<next,
                counts: record.counts,
                files: firstFile..<files.count
            )
            commit.isOldFormat = record.version == 1
            commitRecords.append(commit)
        }
        if let next = record.next {
            place = next
            beginnings[record.lineage] = next - record.totals.offsets
        }
    }

    /// What earlier lineages filed is given up, and so is what is known of them.
    private mutating func forgetFiles() {
        (files, commitRecords, lostOffsets, absentOffsets, skippedOffsets) = ([], [], [], [], [])
        (beginnings, replaced, place) = ([:], 0, nil)
    }

    /// The part of a writer's name that stays the same over all takeovers of one process.
    private static func process(_ writer: String) -> String {
        String(writer.prefix { $0 != "/" })
    }
}

extension FileExpectation {
    /// What the commit record with this number says of `file`.
    init(_ file: CommitRecord.File, sequence: Int64) {
        self.init(
            path: file.final,
            temporary: file.temporary,
            first: file.first,
            last: file.last,
            rows: file.rows,
            bytes: file.bytes,
            checksum: file.crc32c,
            sequence: sequence
        )
        let hours = [file.least, file.greatest].map { Int32(clamping: Self.hour(ofMilliseconds: $0)) }
        hour = hours[0] == hours[1] ? hours[0] : nil
    }

    private static func hour(ofMilliseconds time: Int64) -> Int64 {
        let (hours, rest) = time.quotientAndRemainder(dividingBy: 3_600_000)
        return rest < 0 ? hours - 1 : hours
    }
}

/// What commit records say of a file.
package struct FileExpectation: Hashable, Sendable {
    /// Its final name, below the storage's root.
    package var path: String
    /// Its name until the commit's last step.
    package var temporary: String
    package var first: Int64
    package var last: Int64
    package var rows: Int64
    package var bytes: Int64
    /// CRC-32C, 8 hexadecimal digits.
    package var checksum: String
    /// The sequence number of the commit record that names it.
    package var sequence: Int64
    /// The hour of all its records, since 1970-01-01T00:00Z; `nil` where they lie in several.
    package private(set) var hour: Int32?

    package init(
        path: String,
        temporary: String,
        first: Int64,
        last: Int64,
        rows: Int64,
        bytes: Int64,
        checksum: String,
        sequence: Int64
    ) {
        self.path = path
        self.temporary = temporary
        self.first = first
        self.last = last
        self.rows = rows
        self.bytes = bytes
        self.checksum = checksum
        self.sequence = sequence
    }
}
