import CommitLedger
import Foundation
import KafkaTopics
import PipelineTesting
import Testing

/// Commit records as bytes: what is read, what is refused, and what was written by every version so far.
@Suite struct CommitRecordCodingTests {
    private static func path(_ name: String) throws -> URL {
        URL(filePath: "\(try BuiltPackage.root())/Tests/Golden/commit-records/\(name)")
    }

    private static func golden(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: path(name))) }

    private static var commit: CommitRecord {
        var record = CommitRecord(
            sequence: 12,
            kind: .commit,
            topic: "utenti",
            partition: 0,
            epoch: 11,
            writer: "4711-9f86d081884c7d65/0-2",
            time: 1_616_580_000_000
        )
        record.topicID = "3f0e2b1c-9a77-4a58-8f0d-6f1d2c3b4a59"
        record.lineage = 2
        (record.first, record.next) = (500, 510)
        record.fingerprint = RecordFingerprint(offset: 508, timestamp: 1_616_579_999_000, checksum: "0a1b2c3d")
        let file = CommitRecord.File(
            temporary: "raw_data/+tmp/hdfs3-sink/utenti/0/data-00000000000000000011-000000.json",
            final: "raw_data/utenti/2021/03/24/11/utenti_0_0000000500_0000000505.l2.json",
            first: 500,
            last: 505,
            rows: 6,
            bytes: 600,
            crc32c: "1a2b3c4d",
            least: 1,
            greatest: 2
        )
        record.files = [file]
        record.lost = [CommitRecord.Offsets(first: 506, next: 508)]
        record.absent = [CommitRecord.Offsets(first: 509, next: 510)]
        record.counts = CommitCounts(rows: 6, bytes: 600, unfiled: .init(filtered: 1, absent: 1, lost: 2))
        record.totals = CommitCounts(
            rows: 60,
            bytes: 6000,
            unfiled: .init(filtered: 10, absent: 10, lost: 20),
            skipped: 3
        )
        record.earlier = CommitCounts(rows: 7, bytes: 700)
        record.previous = "9f86d0"
        return record
    }

    private static var skip: CommitRecord {
        var record = commit
        record.kind = .skip
        (record.first, record.next) = (510, 513)
        (record.files, record.lost, record.absent) = ([], [], [])
        record.skipped = [CommitRecord.Offsets(first: 510, next: 513)]
        record.counts = CommitCounts(skipped: 3)
        record.reason = "stepped over by hand"
        return record
    }

    private static var reset: CommitRecord {
        var record = skip
        record.kind = .reset
        (record.first, record.next, record.skipped) = (0, 0, [])
        (record.counts, record.totals, record.fingerprint) = (CommitCounts(), CommitCounts(), nil)
        return record
    }

    private static var emptied: CommitRecord {
        var record = reset
        (record.first, record.next) = (520, 520)
        (record.emptied, record.cleared) = (2, 2)
        record.skipped = [CommitRecord.Offsets(first: 510, next: 520)]
        record.earlier = CommitCounts()
        record.reason = "emptied with hera reset"
        return record
    }

    /// A file that this version must go on writing, byte for byte, and every later one reading.
    @Test(arguments: ["commit", "skip", "reset", "emptied"])
    func goldenRecordsOfVersionTwo(kind: String) throws {
        let record = ["skip": Self.skip, "reset": Self.reset, "emptied": Self.emptied][kind] ?? Self.commit
        let name = "v2-\(kind).json"
        #expect(record.contradiction == nil)
        let bytes = try CommitRecordCoding.bytes(of: record)
        if ProcessInfo.processInfo.environment["RECORD_GOLDEN"] != nil { try Data(bytes).write(to: Self.path(name)) }
        #expect(String(decoding: bytes, as: UTF8.self) == String(decoding: try Self.golden(name), as: UTF8.self))
        #expect(try CommitRecordCoding.record(from: Self.golden(name)).record == record)
    }

    @Test func recordsOfVersionOneAreRead() throws {
        let takeover = try CommitRecordCoding.record(from: Self.golden("v1-takeover.json")).record
        #expect(takeover.kind == .takeover && takeover.sequence == 1 && takeover.next == nil)
        let stored = try CommitRecordCoding.record(from: Self.golden("v1-commit.json"))
        let commit = stored.record
        #expect(commit.contradiction == nil)
        #expect(commit.version == 1 && commit.lineage == 1 && commit.fingerprint == nil && commit.topicID == nil)
        #expect(commit.next == 3 && commit.counts.rows == 3 && commit.counts.skipped == 0 && commit.earlier.rows == 0)
    }

    /// No flipped bit of any byte gets past: the record is refused, or it says what it said.
    @Test func everyFlippedBitIsFound() throws {
        let bytes = try CommitRecordCoding.bytes(of: Self.commit)
        for index in bytes.indices {
            for bit in 0..<8 {
                var damaged = bytes
                damaged[index] ^= 1 << UInt8(bit)
                #expect(throws: CommitRecordCoding.Failure.self, "byte \(index), bit \(bit)") {
                    try CommitRecordCoding.record(from: damaged)
                }
            }
        }
    }

    @Test func everyCutIsFound() throws {
        let bytes = try CommitRecordCoding.bytes(of: Self.commit)
        for count in 0..<bytes.count {
            #expect(throws: CommitRecordCoding.Failure.self, "\(count) bytes") {
                try CommitRecordCoding.record(from: Array(bytes[..<count]))
            }
        }
    }

    @Test func laterVersionsAndKindsAreRefusedAsSuch() throws {
        for (old, new) in [("\"version\" : 2", "\"version\" : 3"), ("\"kind\" : \"commit\"", "\"kind\" : \"merge\"")] {
            // A later version writes a checksum that holds, or none that this one knows.
            let text = String(decoding: try CommitRecordCoding.bytes(of: Self.commit), as: UTF8.self)
            let lines = text.split(separator: "\n").filter { !$0.contains("recordChecksum") }
            let other = lines.joined(separator: "\n").replacing(old, with: new)
            let error = #expect(throws: CommitRecordCoding.Failure.self) {
                try CommitRecordCoding.record(from: Array(other.utf8))
            }
            #expect(error?.isNewer == true)
            #expect(error?.description.contains("newer hera") == true)
        }
    }

    @Test func textThatLooksLikeTheChecksumIsNotTakenForIt() throws {
        var record = Self.commit
        record.writer = "\n  \"recordChecksum\" : \"00000000\",\n"
        record.topicID = record.writer
        let bytes = try CommitRecordCoding.bytes(of: record)
        #expect(try CommitRecordCoding.record(from: bytes).record == record)
    }

    @Test func noErrorShowsFoundationsText() {
        for text in ["", "{", "[]", "{}", "{\"version\":1,\"kind\":\"commit\"}", "\u{0}"] {
            let error = #expect(throws: CommitRecordCoding.Failure.self) {
                try CommitRecordCoding.record(from: Array(text.utf8))
            }
            #expect(error?.description.contains("Error") == false, "\(String(describing: error))")
        }
    }

    @Test func listedRangesAreBoundedAndTheLongestStay() {
        var ranges = OffsetRanges()
        let count = Int64(OffsetRanges.Limits.rangesMax)
        for index in 0..<count { ranges.add(index * 10..<index * 10 + 2) }
        ranges.add(count * 10..<count * 10 + 1)
        #expect(ranges.list.count == OffsetRanges.Limits.rangesMax)
        #expect(ranges.list.last?.first == (count - 1) * 10)
        ranges.add(count * 20..<count * 21)
        ranges.add(count * 21..<count * 22)
        #expect(ranges.list.count == OffsetRanges.Limits.rangesMax)
        #expect(ranges.list.last == CommitRecord.Offsets(first: count * 20, next: count * 22))
    }
}
