import Audit
import HDFSSink
import KafkaTopics
import Testing

/// One partition: 30 offsets, 25 filed in three files, 3 filtered, 2 in flight; the first file's record was pruned.
@Suite struct PartitionCheckTests {
    private static let directory = "HeraSDG/raw_data/premi/2021/03/24/11"

    @Test func everythingInItsPlaceHolds() {
        let check = PartitionCheck(Self.good)
        #expect(check.troubles.isEmpty)
        #expect(check.notes.isEmpty)
        let report = check.report
        #expect(report.holds)
        #expect(report.explained == report.produced)
        #expect(report.filed == 25)
        #expect(report.lines == 25)
        #expect(report.inFlight == 2)
    }

    @Test func removedLineIsFoundInItsFile() throws {
        var evidence = Self.good
        evidence.files[1].scan.rows -= 1
        evidence.files[1].scan.bytes -= 10
        let trouble = try onlyTrouble(evidence)
        #expect(trouble.kind == .linesMissing)
        #expect(trouble.path == "\(Self.directory)/premi_0_0000000010_0000000019.json")
        #expect(trouble.firstOffset == 10)
        #expect(trouble.lastOffset == 19)
        #expect(trouble.what.contains("lacks 1 line of the 8"))
    }

    @Test func addedLineIsFoundInItsFile() throws {
        var evidence = Self.good
        evidence.files[2].scan.rows += 2
        let trouble = try onlyTrouble(evidence)
        #expect(trouble.kind == .linesAdded)
        #expect(trouble.path == evidence.files[2].path)
    }

    @Test func changedByteIsFoundInItsFile() throws {
        var evidence = Self.good
        evidence.files[2].scan.checksum = "ffffffff"
        let trouble = try onlyTrouble(evidence)
        #expect(trouble.kind == .linesChanged)
        #expect(trouble.path == evidence.files[2].path)
    }

    @Test func removedFileIsNamed() throws {
        var evidence = Self.good
        let gone = evidence.files.remove(at: 2)
        let trouble = try onlyTrouble(evidence)
        #expect(trouble.kind == .fileMissing)
        #expect(trouble.path == gone.path)
        #expect(trouble.firstOffset == 20)
    }

    @Test func copiedFileIsNamed() throws {
        for original in Self.good.files {
            var evidence = Self.good
            var copy = original
            copy.path = "HeraSDG/raw_data/premi/2021/03/24/12/" + (original.path.split(separator: "/").last ?? "")
            evidence.files.append(copy)
            let trouble = try onlyTrouble(evidence)
            #expect(trouble.kind == .fileDuplicated)
            #expect([copy.path, original.path].contains(trouble.path))
        }
    }

    @Test func fileThatNoRecordNamesIsUnexplained() throws {
        var evidence = Self.good
        evidence.files.append(try file(first: 21, last: 22, rows: 2))
        let trouble = try onlyTrouble(evidence)
        #expect(trouble.kind == .fileUnexplained)
        #expect(trouble.firstOffset == 21)
    }

    @Test func lineOfAFileWhoseRecordWasPrunedIsMissedInTheTotals() throws {
        var evidence = Self.good
        evidence.files[0].scan.rows -= 1
        let trouble = try onlyTrouble(evidence)
        #expect(trouble.kind == .linesMissing)
        #expect(trouble.path == evidence.files[0].path)
        #expect(trouble.what.contains("25 lines were filed in all, the files hold 24"))
    }

    @Test func lineTooManyInAFileWhoseRecordWasPrunedIsFound() throws {
        var evidence = Self.good
        evidence.files[0].scan.rows += 1
        let trouble = try onlyTrouble(evidence)
        #expect(trouble.kind == .linesAdded)
        #expect(trouble.path == evidence.files[0].path)
    }

    @Test func committedFileMayStillHaveItsTemporaryName() throws {
        var evidence = Self.good
        let file = evidence.files.remove(at: 2)
        let temporary = try #require(evidence.commits?.files.last).temporary
        evidence.pending[temporary] = file.scan
        let check = PartitionCheck(evidence)
        #expect(check.troubles.isEmpty)
        #expect(check.notes.count == 1)
        evidence.pending[temporary]?.checksum = "ffffffff"
        #expect(try onlyTrouble(evidence).kind == .linesChanged)
    }

    @Test func onlyTemporaryFilesOfEarlierEpochsAreRubbish() throws {
        var evidence = Self.good
        evidence.temporaries = [
            TemporaryFile(kind: .data(epoch: 1), path: "+tmp/a"),
            TemporaryFile(kind: .data(epoch: 2), path: "+tmp/b"),
            TemporaryFile(kind: .record(sequence: 5), path: "+tmp/c"),
        ]
        let trouble = try onlyTrouble(evidence)
        #expect(trouble.kind == .temporaryFileLeft)
        #expect(trouble.path == "+tmp/a")
    }

    @Test func deadLettersAreCounted() throws {
        var evidence = Self.good
        evidence.deadLetters = 1
        #expect(try onlyTrouble(evidence).kind == .deadLettersDiffer)
        evidence.commits?.deadLettered = 1
        evidence.commits?.filtered = 2
        #expect(PartitionCheck(evidence).troubles.isEmpty)
        evidence.deadLetters = 0
        evidence.deadLettersIncomplete = true
        let check = PartitionCheck(evidence)
        #expect(check.troubles.isEmpty)
        #expect(check.notes.count == 1)
    }

    @Test func whatWasWrongWhenTheFilesWereReadDoesNotHold() throws {
        var evidence = Self.good
        evidence.troubles = [AuditTrouble(.fileForeign, topic: "premi", partition: 0, what: "", advice: "")]
        #expect(try onlyTrouble(evidence).kind == .fileForeign)
        #expect(!PartitionCheck(evidence).report.holds)
    }

    @Test func foreignFileDoesNotHideALineThatIsMissing() throws {
        var evidence = Self.good
        evidence.troubles = [AuditTrouble(.fileForeign, topic: "premi", path: "notes.txt", what: "", advice: "")]
        evidence.files[0].scan.rows -= 1
        #expect(PartitionCheck(evidence).troubles.map(\.kind) == [.fileForeign, .linesMissing])
    }

    @Test func lostRecordsAreNamedAndExplained() {
        var evidence = Self.good
        evidence.commits?.filtered = 1
        evidence.commits?.lost = 2
        evidence.commits?.lostOffsets = [12..<14]
        let check = PartitionCheck(evidence)
        #expect(check.troubles.isEmpty)
        #expect(check.notes.contains { $0.text.contains("offsets 12–13") })
        #expect(check.report.explained == check.report.produced)
    }

    @Test func recordsRemovedBeforeTheyWereFiledAreNotInFlight() {
        var evidence = Self.good
        evidence.earliest = 29
        let report = PartitionCheck(evidence).report
        #expect(report.lost == 1)
        #expect(report.inFlight == 1)
        #expect(report.explained == report.produced)
    }

    @Test func topicThatEndsBeforeWhatIsFiledIsAnError() throws {
        var evidence = Self.good
        evidence.latest = 20
        let trouble = try onlyTrouble(evidence)
        #expect(trouble.kind == .offsetsBeyondEnd)
        #expect(trouble.firstOffset == 20)
        #expect(trouble.lastOffset == 27)
    }

    @Test func partitionThatWasNeverTakenOverIsInFlight() {
        let partition = TopicPartition(topic: "premi", partition: 0)
        let check = PartitionCheck(PartitionEvidence(partition: partition, earliest: 3, latest: 10, commits: nil))
        #expect(check.troubles.isEmpty)
        #expect(check.report.before == 3)
        #expect(check.report.inFlight == 7)
        #expect(check.report.explained == 10)
    }

    private func onlyTrouble(_ evidence: PartitionEvidence) throws -> AuditTrouble {
        let troubles = PartitionCheck(evidence).troubles
        #expect(troubles.count == 1, "\(troubles)")
        return try #require(troubles.first)
    }

    private func file(first: Int64, last: Int64, rows: Int64) throws -> FileEvidence {
        try #require(Self.file(first, last, rows: rows))
    }

    private static func file(_ first: Int64, _ last: Int64, rows: Int64) -> FileEvidence? {
        let digits = { (number: Int64) in String(String(10_000_000_000 + number).dropFirst()) }
        let name = "premi_0_\(digits(first))_\(digits(last)).json"
        var scan = FileScan()
        scan.rows = rows
        scan.bytes = rows * 10
        scan.checksum = String(digits(first).suffix(8))
        return RawFileName(name).map { FileEvidence(path: "\(directory)/\(name)", name: $0, scan: scan) }
    }

    private static let good: PartitionEvidence = {
        var commits = CommitEvidence(sequence: 4, epoch: 2, next: 28)
        commits.filed = 25
        commits.bytes = 250
        commits.filtered = 3
        commits.knownFrom = 10
        let files = [file(0, 8, rows: 9), file(10, 19, rows: 8), file(20, 27, rows: 8)].compactMap(\.self)
        commits.files = files.dropFirst().enumerated().map { index, file in
            FileExpectation(
                path: file.path,
                temporary: "HeraSDG/raw_data/+tmp/\(index)",
                first: file.name.first,
                last: file.name.last,
                rows: file.scan.rows,
                bytes: file.scan.bytes,
                checksum: file.scan.checksum,
                sequence: Int64(3 + index)
            )
        }
        let partition = TopicPartition(topic: "premi", partition: 0)
        var evidence = PartitionEvidence(partition: partition, earliest: 0, latest: 30, commits: commits)
        evidence.files = files
        return evidence
    }()
}
