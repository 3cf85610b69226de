package import KafkaTopics

/// One entry of a partition's history: an immutable JSON file of the commit directory.
///
///     <logs.dir>/<connector>/<topic>/<partition>/00000000000000000012.json     20 digits: the sequence number
///
///     {
///       "version": 2,                       the format of this file
///       "recordChecksum": "5e6f7a8b",       CRC-32C of the file's bytes with "00000000" in this place
///       "sequence": 12,                     running number, from 1; the file's name
///       "kind": "commit",                   "commit": offsets were filed; "takeover": a writer began here;
///                                           "reset", "skip": decided by an operator with `hera repair` or `hera reset`
///       "topic": "utenti", "partition": 0,
///       "topicId": "0b2c…",                 which topic of this name, if the broker tells
///       "lineage": 1,                       which log of the partition: one more after each reset
///       "epoch": 11,                        sequence number of the writer's takeover record
///       "writer": "4711-9f86d081884c7d65/0-2",    who wrote it, unique for each takeover: process, random digits,
///                                           task, and how many takeovers this task had tried
///       "time": 1616580000000,              when, in milliseconds since 1970, by the writer's clock
///       "first": 500000, "next": 1000000,   the offsets [first, next) that it explains; a takeover and a reset explain
///                                           none. Both are missing as long as no place in the partition is known
///       "fingerprint": { "offset": …, "timestamp": …, "checksum": "…" },   the last record before `next`, as Kafka
///                                           held it when it was read; missing if none was read so far
///       "files": [{
///         "temporary": "HeraSDG/raw_data/+tmp/hdfs3-sink/utenti/0/data-…",
///         "final": "HeraSDG/raw_data/utenti/2021/03/24/11/utenti_0_0000500000_0000999999.json",
///         "first": 500000, "last": 999999,  first and last offset in the file, both in it
///         "rows": 500000, "bytes": 61500000,
///         "crc32c": "1a2b3c4d",             CRC-32C (Castagnoli) of the bytes, 8 hexadecimal digits
///         "least": …, "greatest": …         least and greatest timestamp of its records, milliseconds since 1970
///       }],
///       "lost": [{ "first": …, "next": … }],    offsets that retention removed before they were read
///       "absent": [{ … }],                  offsets at which Kafka holds no record
///       "skipped": [{ … }],                 offsets that an operator decided to skip
///       "missing": ["…"],                   a takeover: files of the record before that were gone from both places
///       "counts": { "rows": …, "bytes": …, "filtered": …, "deadLettered": …, "absent": …, "lost": …, "skipped": … },
///       "totals": { … },                    the same since the beginning of the lineage, this record included
///       "earlier": { … },                   the totals of all earlier lineages
///       "emptied": 2,                       the newest lineage that began with `hera reset`: what the log held before its
///                                           first offset was given up on purpose; missing where there was none
///       "cleared": 2,                       the newest lineage whose reset gave up all files of earlier ones: they may be
///                                           there or not, and `earlier` does not count them; missing where there was none
///       "reason": "…",                      a reset and a skip: what was decided, in words
///       "previous": "9f86d0…"               SHA-256 of the bytes of record 11, 64 hexadecimal digits; none in the first
///     }
///
/// `lost`, `absent` and `skipped` list at most `OffsetRanges.Limits.rangesMax` ranges each, the longest ones; `counts`
/// are always exact. Version 1 has no checksum, id, lineage, fingerprint, `absent`, `skipped`, `earlier` and `reason`; it
/// is read as lineage 1. A later version, or another kind, is refused. Writers that do not know `emptied` and `cleared` leave
/// them out, and file as exactly as others; an audit then reports what they would have explained.
///
/// A name without the `+` in front is a record that was written whole: it came there by renaming. Only the newest
/// record can have files that are still under their temporary names.
package struct CommitRecord: Hashable, Sendable {
    /// What a record stands for.
    package enum Kind: String, Hashable, Sendable, Codable {
        /// Offsets were filed.
        case commit
        /// A writer took the partition over; those before it can commit no more.
        case takeover
        /// An operator decided that the log was replaced or lost its end: a new lineage begins.
        case reset
        /// An operator decided to skip offsets that cannot be read.
        case skip
    }

    /// A file of a commit.
    package struct File: Hashable, Sendable, Codable {
        /// The path under which it was written, below the storage's root.
        package var temporary: String
        /// The path under which readers find it, below the storage's root.
        package var final: String
        /// The least offset of its records.
        package var first: Int64
        /// The greatest offset of its records.
        package var last: Int64
        /// How many records it holds.
        package var rows: Int64
        package var bytes: Int64
        /// CRC-32C of its bytes, 8 hexadecimal digits.
        package var crc32c: String
        /// The least timestamp of its records, in milliseconds since 1970.
        package var least: Int64
        /// The greatest timestamp of its records, in milliseconds since 1970.
        package var greatest: Int64

        package init(
            temporary: String,
            final: String,
            first: Int64,
            last: Int64,
            rows: Int64,
            bytes: Int64,
            crc32c: String,
            least: Int64,
            greatest: Int64
        ) {
            self.temporary = temporary
            self.final = final
            self.first = first
            self.last = last
            self.rows = rows
            self.bytes = bytes
            self.crc32c = crc32c
            self.least = least
            self.greatest = greatest
        }
    }

    /// Offsets [first, next).
    package struct Offsets: Hashable, Sendable, Codable {
        package var first: Int64
        package var next: Int64

        package init(first: Int64, next: Int64) {
            self.first = first
            self.next = next
        }
    }

    /// The format that this program writes.
    package static let currentVersion = 2
    /// The lineage of a partition that was never reset.
    package static let firstLineage: Int64 = 1

    package var version = currentVersion
    package var sequence: Int64
    package var kind: Kind
    package var topic: String
    package var partition: Int32
    package var topicID: String?
    package var lineage: Int64 = firstLineage
    package var epoch: Int64
    package var writer: String
    package var time: Int64
    package var first: Int64?
    package var next: Int64?
    package var fingerprint: RecordFingerprint?
    package var files: [File] = []
    package var lost: [Offsets] = []
    package var absent: [Offsets] = []
    package var skipped: [Offsets] = []
    package var missing: [String] = []
    package var counts = CommitCounts()
    package var totals = CommitCounts()
    package var earlier = CommitCounts()
    package var emptied: Int64?
    package var cleared: Int64?
    package var reason: String?
    package var previous: String?

    /// A record without files and counts; the rest is set afterwards.
    package init(
        sequence: Int64,
        kind: Kind,
        topic: String,
        partition: Int32,
        epoch: Int64,
        writer: String,
        time: Int64
    ) {
        self.sequence = sequence
        self.kind = kind
        self.topic = topic
        self.partition = partition
        self.epoch = epoch
        self.writer = writer
        self.time = time
    }
}

extension CommitRecord: Codable {
    private enum CodingKeys: String, CodingKey {
        case version, sequence, kind, topic, partition, lineage, epoch, writer, time, first, next, fingerprint
        case files, lost, absent, skipped, missing, counts, totals, earlier, emptied, cleared, reason, previous
        case topicID = "topicId"
    }

    /// Fields that version 1 does not have get the values that they stand for there.
    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        version = try fields.decode(Int.self, forKey: .version)
        sequence = try fields.decode(Int64.self, forKey: .sequence)
        kind = try fields.decode(Kind.self, forKey: .kind)
        topic = try fields.decode(String.self, forKey: .topic)
        partition = try fields.decode(Int32.self, forKey: .partition)
        topicID = try fields.decodeIfPresent(String.self, forKey: .topicID)
        epoch = try fields.decode(Int64.self, forKey: .epoch)
        writer = try fields.decode(String.self, forKey: .writer)
        time = try fields.decode(Int64.self, forKey: .time)
        first = try fields.decodeIfPresent(Int64.self, forKey: .first)
        next = try fields.decodeIfPresent(Int64.self, forKey: .next)
        fingerprint = try fields.decodeIfPresent(RecordFingerprint.self, forKey: .fingerprint)
        files = try fields.decode([File].self, forKey: .files)
        lost = try fields.decode([Offsets].self, forKey: .lost)
        missing = try fields.decode([String].self, forKey: .missing)
        counts = try fields.decode(CommitCounts.self, forKey: .counts)
        totals = try fields.decode(CommitCounts.self, forKey: .totals)
        previous = try fields.decodeIfPresent(String.self, forKey: .previous)
        guard version > 1 else { return }
        lineage = try fields.decode(Int64.self, forKey: .lineage)
        absent = try fields.decode([Offsets].self, forKey: .absent)
        skipped = try fields.decode([Offsets].self, forKey: .skipped)
        earlier = try fields.decode(CommitCounts.self, forKey: .earlier)
        emptied = try fields.decodeIfPresent(Int64.self, forKey: .emptied)
        cleared = try fields.decodeIfPresent(Int64.self, forKey: .cleared)
        reason = try fields.decodeIfPresent(String.self, forKey: .reason)
    }
}

extension CommitRecord {
    /// How this record contradicts itself; `nil` if it does not.
    package var contradiction: String? {
        if sequence < 1 || epoch < 1 || epoch > sequence { return "its sequence is \(sequence) and its epoch \(epoch)" }
        if lineage < Self.firstLineage { return "its lineage is \(lineage)" }
        if (emptied ?? lineage) > lineage || (cleared ?? 0) > (emptied ?? 0) {
            return "its lineage is \(lineage), emptied \(emptied ?? 0), cleared \(cleared ?? 0)"
        }
        switch (kind, first, next) {
        case (.takeover, nil, nil): return files.isEmpty ? nil : "a takeover has no files"
        case (.takeover, let first?, let next?):
            return first == next && files.isEmpty ? nil : "a takeover explains no offsets"
        case (.reset, let first?, let next?):
            let isEmpty = first == next && files.isEmpty && counts == CommitCounts() && totals == CommitCounts()
            if lineage == Self.firstLineage { return "a reset begins lineage 2 or a later one" }
            return isEmpty ? nil : "a reset explains no offsets"
        case (.skip, let first?, let next?):
            let isSkip = first < next && files.isEmpty && counts == CommitCounts(skipped: next - first)
            return isSkip ? nil : "a skip explains the offsets from \(first) to \(next) as skipped, and nothing else"
        case (.commit, let first?, let next?): return commitContradiction(first, next)
        default: return "it does not say where it begins and ends"
        }
    }

    /// Why it does not belong to its file; `nil` if it does.
    package func strangeness(as sequence: Int64, of partition: TopicPartition) -> String? {
        if topic != partition.topic || self.partition != partition.partition {
            return "it is of \(topic)-\(self.partition), not of \(partition)"
        }
        return self.sequence == sequence ? nil : "it says that it is record \(self.sequence)"
    }

    private func commitContradiction(_ first: Int64, _ next: Int64) -> String? {
        if counts.offsets != next - first {
            return "its counts explain \(counts.offsets) offsets, from \(first) to \(next) there are \(next - first)"
        }
        let rows = files.reduce(0) { $0 + $1.rows }
        let bytes = files.reduce(0) { $0 + $1.bytes }
        if rows != counts.rows || bytes != counts.bytes {
            return "its files hold \(rows) rows and \(bytes) bytes, its counts say \(counts.rows) and \(counts.bytes)"
        }
        let isInside = files.allSatisfy { first <= $0.first && $0.first <= $0.last && $0.last < next }
        return isInside ? nil : "a file holds offsets outside [\(first), \(next))"
    }
}

/// A commit record together with what the next one says about it.
package struct StoredRecord: Hashable, Sendable {
    package let record: CommitRecord
    /// SHA-256 of the record's bytes as they are stored, in hexadecimal digits.
    package let digest: String

    package init(record: CommitRecord, digest: String) {
        self.record = record
        self.digest = digest
    }
}

/// Ranges of offsets that a commit record lists, bounded: the longest ones, rising. Counts are kept elsewhere.
package struct OffsetRanges: Hashable, Sendable {
    /// Bounds of what one record lists.
    package enum Limits {
        /// Ranges of one kind. A topic of small transactions has a marker after each; they are not worth listing.
        package static let rangesMax = 1_000
    }

    package private(set) var list: [CommitRecord.Offsets] = []
    /// The shortest of a full list.
    private var shortest: Int64 = 0

    package init() {}

    /// Adds a range behind those that were added; it is merged with the last one if it begins where that one ends.
    package mutating func add(_ offsets: Range<Int64>) {
        guard !offsets.isEmpty else { return }
        if let last = list.last, last.next == offsets.lowerBound {
            list[list.count - 1].next = offsets.upperBound
            return
        }
        if list.count == Limits.rangesMax {
            guard Int64(offsets.count) > shortest, let place = placeOfShortest else { return }
            list.remove(at: place)
        }
        list.append(CommitRecord.Offsets(first: offsets.lowerBound, next: offsets.upperBound))
        if list.count == Limits.rangesMax { shortest = placeOfShortest.map { list[$0].next - list[$0].first } ?? 0 }
    }

    private var placeOfShortest: Int? {
        list.indices.min { list[$0].next - list[$0].first < list[$1].next - list[$1].first }
    }
}
