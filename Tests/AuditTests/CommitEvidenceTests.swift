import Audit
import CommitLedger
import HDFSSink
import PipelineTesting
import Storage
import Testing

@Suite(.timeLimit(.minutes(15))) struct CommitEvidenceTests {
    @Test func withoutRecordsThereIsNoEvidence() async throws {
        let zone = try await FiledZone()
        _ = try await zone.storage.delete(zone.layout.record(sequence: 1))
        #expect(CommitEvidence(try await zone.history()) == nil)
    }

    @Test func recordsFromTheFirstOnKnowEveryFile() async throws {
        var zone = try await FiledZone()
        let files = [try await zone.file(5..<8), try await zone.file(8..<9)]
        let evidence = try #require(CommitEvidence(try await zone.history()))
        #expect(evidence.sequence == 3)
        #expect(evidence.epoch == 1)
        #expect(evidence.next == 9)
        #expect(evidence.totals.rows == 4)
        #expect(evidence.totals.bytes == files.reduce(0) { $0 + $1.bytes })
        #expect(evidence.beginning == 5)
        #expect(evidence.knownFrom == 5)
        #expect(evidence.files.map(\.path) == files.map(\.final))
        #expect(evidence.files.map(\.sequence) == [2, 3])
        #expect(evidence.lastFiling == 3)
        #expect(evidence.troubles.isEmpty)
    }

    @Test func prunedRecordsAreKnownFromTheArchive() async throws {
        var zone = try await FiledZone(recordsKept: 1)
        for first in Int64(0)..<5 { try await zone.file(first..<first + 1) }
        let evidence = try #require(CommitEvidence(try await zone.history()))
        #expect(evidence.files.count == 5)
        #expect(evidence.knownFrom == 0)
    }

    /// What lies before a gap says nothing of the files whose records are in it.
    @Test func filesAreKnownBackToTheLastGap() async throws {
        var zone = try await FiledZone(recordsKept: 1)
        for first in Int64(0)..<5 { try await zone.file(first..<first + 1) }
        _ = try await zone.storage.delete(zone.layout.archivedRecord(sequence: 3))
        let evidence = try #require(CommitEvidence(try await zone.history()))
        #expect(evidence.files.map(\.sequence) == [4, 5, 6])
        #expect(evidence.knownFrom == 2)
        #expect(evidence.totals.rows == 5, "totals are those of the newest record")
        #expect(evidence.beginning == 0)
        #expect(evidence.troubles.isEmpty)
    }

    @Test func whatIsWrongWithRecordsIsATrouble() async throws {
        var zone = try await FiledZone()
        try await zone.file(0..<1)
        try await zone.file(1..<2)
        let path = try zone.layout.record(sequence: 2)
        let bytes = try await zone.storage.read(path, bytesMax: 1 << 20)
        _ = try await zone.storage.delete(path)
        try await zone.storage.write(bytes + bytes.suffix(1), to: path)
        let evidence = try #require(CommitEvidence(try await zone.history()))
        #expect(evidence.troubles.map(\.kind) == [.recordsBroken])
        #expect(evidence.troubles.first?.what.contains("cannot be used") == true)
        #expect(evidence.troubles.first?.partition == 0)
    }

    /// What `hera reset` gave up is not known any more, and not missed.
    @Test func aResetThatClearsFilesForgetsThem() async throws {
        var zone = try await FiledZone(recordsKept: 1)
        try await zone.file(0..<3)
        try await zone.repair(
            .empty(
                Emptying(
                    next: 5,
                    topicID: nil,
                    unfiled: .init(first: 3, next: 5),
                    clearsFiles: true,
                    reason: "",
                    time: 7
                )
            )
        )
        let file = try await zone.file(5..<6, lineage: 2)
        for sequence in Int64(1)...2 {
            _ = try await zone.storage.delete(zone.layout.archivedRecord(sequence: sequence))
        }
        let history = try await zone.history()
        #expect(history.problems == [])
        let evidence = try #require(CommitEvidence(history))
        #expect(evidence.emptied == 2 && evidence.cleared == 2 && evidence.emptiedAt == 7)
        #expect(evidence.isWhole && evidence.files.map(\.path) == [file.final])
        #expect(evidence.beginning == 5 && evidence.earlier.rows == 0 && evidence.replaced == 0)
    }

    @Test func aResetThatKeepsFilesCountsWhatItGaveUp() async throws {
        var zone = try await FiledZone()
        try await zone.file(0..<3)
        let unfiled = CommitRecord.Offsets(first: 3, next: 5)
        try await zone.repair(
            .empty(Emptying(next: 5, topicID: nil, unfiled: unfiled, clearsFiles: false, reason: "", time: 7))
        )
        let history = try await zone.history()
        #expect(history.problems == [])
        let evidence = try #require(CommitEvidence(history))
        #expect(evidence.emptied == 2 && evidence.cleared == nil)
        #expect(evidence.files.count == 1 && evidence.earlier.rows == 3 && evidence.earlier.skipped == 2)
    }
}
