package import CommitLedger
import KafkaTopics

extension CommitEvidence {
    /// What the records of a partition say; `nil` where there is none.
    package init?(_ history: CommitRecordReader.History) {
        guard let newest = history.newest else { return nil }
        self.init(sequence: newest.sequence, epoch: newest.epoch, next: newest.next)
        filed = newest.totals.rows
        bytes = newest.totals.bytes
        filtered = newest.totals.filtered
        deadLettered = newest.totals.deadLettered
        absent = newest.totals.absent
        lost = newest.totals.lost
        skipped = newest.totals.skipped
        lineage = newest.lineage
        earlier = newest.earlier
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
        isWhole = records.first?.sequence == 1
        knownFrom = isWhole ? beginning : records.compactMap(\.first).first ?? newest.next ?? 0
        troubles = history.problems.map { problem in
            AuditTrouble(
                .recordsBroken,
                topic: history.partition.topic,
                partition: history.partition.partition,
                what: problem,
                advice: "somebody changed commit records by hand or the disk did: restore them from a backup"
            )
        }
    }

    private mutating func add(_ record: CommitRecord) {
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
    }
}
