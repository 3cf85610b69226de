/// One entry of a partition's history: an immutable JSON file of the commit directory.
///
///     <logs.dir>/<connector>/<topic>/<partition>/00000000000000000012.json     20 digits: the sequence number
///
///     {
///       "version": 1,                       the format of this file
///       "sequence": 12,                     running number, from 1; the file's name
///       "kind": "commit",                   or "takeover": a writer began here
///       "topic": "utenti", "partition": 0,
///       "epoch": 11,                        sequence number of the writer's takeover record
///       "writer": "4711-9f86d081884c7d65/0-2",    who wrote it, unique for each takeover: process, random digits,
///                                           task, and how many takeovers this task had tried
///       "time": 1616580000000,              when, in milliseconds since 1970, by the writer's clock
///       "first": 500000, "next": 1000000,   the offsets [first, next) that it explains; a takeover explains none.
///                                           Both are missing as long as no place in the partition is known
///       "files": [{
///         "temporary": "HeraSDG/raw_data/+tmp/hdfs3-sink/utenti/0/data-…",
///         "final": "HeraSDG/raw_data/utenti/2021/03/24/11/utenti_0_0000500000_0000999999.json",
///         "first": 500000, "last": 999999,  first and last offset in the file, both in it
///         "rows": 500000, "bytes": 61500000,
///         "crc32c": "1a2b3c4d",             CRC-32C (Castagnoli) of the bytes, 8 hexadecimal digits
///         "least": …, "greatest": …         least and greatest timestamp of its records, milliseconds since 1970
///       }],
///       "lost": [{ "first": …, "next": … }],    offsets that retention removed before they were read
///       "missing": ["…"],                   a takeover: files of the record before that were gone from both places
///       "counts": { "rows": …, "bytes": …, "filtered": …, "deadLettered": …, "absent": …, "lost": … },
///       "totals": { … },                    the same since the beginning, this record included
///       "previous": "9f86d0…"               SHA-256 of the bytes of record 11, 64 hexadecimal digits; none in the first
///     }
///
/// A name without the `+` in front is a record that was written whole: it came there by renaming. Only the newest
/// record can have files that are still under their temporary names.
package struct CommitRecord: Hashable, Sendable, Codable {
    /// What a record stands for.
    package enum Kind: String, Hashable, Sendable, Codable {
        /// Offsets were filed.
        case commit
        /// A writer took the partition over; those before it can commit no more.
        case takeover
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
        /// How many records, one a line.
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
    package static let currentVersion = 1

    package var version = currentVersion
    package var sequence: Int64
    package var kind: Kind
    package var topic: String
    package var partition: Int32
    package var epoch: Int64
    package var writer: String
    package var time: Int64
    package var first: Int64?
    package var next: Int64?
    package var files: [File]
    package var lost: [Offsets]
    package var missing: [String]
    package var counts: CommitCounts
    package var totals: CommitCounts
    package var previous: String?
}

extension CommitRecord {
    /// What contradicts itself in this record, for a person; `nil` where nothing does.
    package var contradiction: String? {
        if version != Self.currentVersion {
            return "its version is \(version), this program reads \(Self.currentVersion)"
        }
        if sequence < 1 || epoch < 1 || epoch > sequence { return "its sequence is \(sequence) and its epoch \(epoch)" }
        switch (kind, first, next) {
        case (.takeover, nil, nil): return files.isEmpty ? nil : "a takeover has no files"
        case (.takeover, let first?, let next?):
            return first == next && files.isEmpty ? nil : "a takeover explains no offsets"
        case (.commit, let first?, let next?):
            if counts.offsets != next - first {
                return
                    "its counts explain \(counts.offsets) offsets, from \(first) to \(next) there are \(next - first)"
            }
            let rows = files.reduce(0) { $0 + $1.rows }
            let bytes = files.reduce(0) { $0 + $1.bytes }
            if rows != counts.rows || bytes != counts.bytes {
                return
                    "its files hold \(rows) rows and \(bytes) bytes, its counts say \(counts.rows) and \(counts.bytes)"
            }
            let isInside = files.allSatisfy { first <= $0.first && $0.first <= $0.last && $0.last < next }
            return isInside ? nil : "a file holds offsets outside [\(first), \(next))"
        default: return "it does not say where it begins and ends"
        }
    }
}
