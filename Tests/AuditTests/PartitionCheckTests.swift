import Audit
import CommitLedger
import ConnectAPI
import HDFSSink
import KafkaTopics
import Testing

/// One partition: 30 offsets, 25 filed in three files, 3 filtered, 2 in flight; the first file's record was pruned.
@Suite struct PartitionCheckTests {
    private static let directory = "HeraSDG/raw_data/premi/2021/03/24/11"

    @Test func everythingInItsPlaceHolds() {
        let check = self.check(Self.good)
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
        let check = self.check(evidence)
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
        evidence.commits?.totals.deadLettered = 1
        evidence.commits?.totals.filtered = 2
        #expect(check(evidence).troubles.isEmpty)
        evidence.deadLetters = 0
        evidence.deadLettersIncomplete = true
        let check = self.check(evidence)
        #expect(check.troubles.isEmpty)
        #expect(check.notes.count == 1)
    }

    @Test func whatWasWrongWhenTheFilesWereReadDoesNotHold() throws {
        var evidence = Self.good
        evidence.troubles = [AuditTrouble(.fileForeign, topic: "premi", partition: 0, what: "", advice: "")]
        #expect(try onlyTrouble(evidence).kind == .fileForeign)
        #expect(!check(evidence).report.holds)
    }

    @Test func foreignFileDoesNotHideALineThatIsMissing() throws {
        var evidence = Self.good
        evidence.troubles = [AuditTrouble(.fileForeign, topic: "premi", path: "notes.txt", what: "", advice: "")]
        evidence.files[0].scan.rows -= 1
        #expect(check(evidence).troubles.map(\.kind) == [.fileForeign, .linesMissing])
    }

    @Test func lostRecordsDoNotHold() throws {
        var evidence = Self.good
        evidence.commits?.totals.filtered = 1
        evidence.commits?.totals.lost = 2
        evidence.commits?.lostOffsets = [CommitEvidence.Gap(12..<14, time: 1_000)]
        let trouble = try onlyTrouble(evidence)
        #expect(trouble.kind == .recordsLost)
        #expect(trouble.firstOffset == 12 && trouble.lastOffset == 13)
        #expect(trouble.sinceMilliseconds == 1_000)
        let report = check(evidence).report
        #expect(report.explained == report.produced)
        #expect(!report.holds)
    }

    @Test func lossesWhoseRecordsAreGoneAreCounted() throws {
        var evidence = Self.good
        evidence.commits?.totals.filtered = 1
        evidence.commits?.totals.lost = 2
        let trouble = try onlyTrouble(evidence)
        #expect(trouble.kind == .recordsLost)
        #expect(trouble.what.contains("2 records more"))
    }

    @Test func recordsRemovedBeforeTheyWereFiledAreLost() throws {
        var evidence = Self.good
        evidence.earliest = 29
        evidence.commits?.movedAt = 5_000
        let trouble = try onlyTrouble(evidence)
        #expect(trouble.kind == .recordsLost)
        #expect(trouble.firstOffset == 28 && trouble.lastOffset == 28)
        #expect(trouble.sinceMilliseconds == 5_000)
        let report = check(evidence).report
        #expect(report.lost == 1)
        #expect(report.inFlight == 1)
        #expect(report.explained == report.produced)
    }

    @Test(arguments: [nil, CommitEvidence(sequence: 1, epoch: 1, next: nil)] as [CommitEvidence?])
    func logThatBeginsLaterAndWasNeverFiledIsALoss(commits: CommitEvidence?) throws {
        let evidence = PartitionEvidence(partition: Self.good.partition, earliest: 3, latest: 10, commits: commits)
        let trouble = try onlyTrouble(evidence)
        #expect(trouble.kind == .recordsLost)
        #expect(trouble.firstOffset == 0 && trouble.lastOffset == 2)
        let report = check(evidence).report
        #expect(report.before == 3)
        #expect(report.inFlight == 7)
        #expect(report.explained == 10)
    }

    @Test func beginningIsALossWhereNoOtherConnectorFiles() throws {
        var evidence = Self.good
        evidence.commits?.totals.rows = 16
        evidence.commits?.totals.bytes = 160
        evidence.commits?.totals.filtered = 2
        evidence.files.removeFirst()
        #expect(check(evidence).troubles.isEmpty)
        #expect(check(evidence).notes.contains { $0.text.contains("began at offset 10") })
        var standards = Self.standards
        standards.filesEverything = true
        let troubles = PartitionCheck(evidence, standards).troubles
        #expect(troubles.map(\.kind) == [.recordsLost])
        #expect(troubles.first?.firstOffset == 0 && troubles.first?.lastOffset == 9)
    }

    // MARK: - Lineage

    @Test func logThatIsAnotherOneIsNamedOnce() throws {
        var evidence = Self.good
        evidence.commits?.topicID = "a"
        evidence.topicID = "a"
        let filed = RecordFingerprint(offset: 27, timestamp: 5, checksum: "00000001")
        evidence.commits?.fingerprint = filed
        evidence.content = ContentEvidence(partition: evidence.partition, digest: nil, read: 27..<28)
        #expect(check(evidence).troubles.isEmpty, "a record that is gone proves nothing")
        evidence.content?.fingerprint = filed
        #expect(check(evidence).troubles.isEmpty)
        evidence.content?.fingerprint = RecordFingerprint(offset: 27, timestamp: 5, checksum: "00000002")
        var trouble = try onlyTrouble(evidence)
        #expect(trouble.kind == .logReplaced)
        #expect(trouble.firstOffset == 27)
        #expect(trouble.advice.contains("hera repair accept premi-0"))
        evidence.content?.fingerprint = filed
        evidence.topicID = "b"
        trouble = try onlyTrouble(evidence)
        #expect(trouble.kind == .logReplaced)
        #expect(trouble.what.contains("the id b, and a was filed"))
    }

    @Test func skippedOffsetsAreCountedAndNamed() {
        var evidence = Self.good
        evidence.commits?.totals.filtered = 1
        evidence.commits?.totals.skipped = 2
        evidence.commits?.skippedOffsets = [CommitEvidence.Gap(9..<11, time: 0)]
        let check = self.check(evidence)
        #expect(check.troubles.isEmpty, "\(check.troubles)")
        #expect(check.report.skipped == 2)
        #expect(check.report.explained == check.report.produced)
        #expect(check.notes.contains { $0.text.contains("9–10") })
    }

    /// Lineage 2 begins at offset 20; the last of the three files is of it, and one of lineage 1 has its offsets.
    @Test func filesOfEarlierLineagesStayRight() throws {
        var evidence = Self.good
        evidence.commits?.lineage = 2
        evidence.commits?.totals.rows = 8
        evidence.commits?.totals.filtered = 0
        evidence.commits?.earlier = CommitCounts(rows: 25, bytes: 250, unfiled: .init(filtered: 3))
        evidence.commits?.beginnings = [1: 0, 2: 20]
        evidence.commits?.replaced = 8
        let last = evidence.files[2]
        let path = last.path.replacing(".json", with: ".l2.json")
        let component = try #require(path.split(separator: "/").last)
        let name = try #require(FinalName(String(component), of: "premi"))
        evidence.files.append(FileEvidence(path: path, name: name, scan: last.scan))
        var expected = try #require(evidence.commits?.files.last)
        expected.path = path
        evidence.commits?.files.append(expected)
        let check = self.check(evidence)
        #expect(check.troubles.isEmpty, "\(check.troubles)")
        #expect(check.report.filed == 8)
        #expect(check.report.filedEarlier == 25)
        #expect(check.report.explained == check.report.produced)
    }

    // MARK: - Progress

    /// Two records behind what is filed; the first of them has this timestamp.
    private func waiting(timestamp: Int64?, movedAt: Int64, takenOverAt: Int64? = nil) -> PartitionEvidence {
        var evidence = Self.good
        evidence.commits?.movedAt = movedAt
        evidence.commits?.takenOverAt = takenOverAt
        var content = ContentEvidence(partition: evidence.partition, digest: nil, read: 28..<30)
        content.sawInFlight(offset: 28, timestamp: timestamp)
        content.sawInFlight(offset: 29, timestamp: timestamp)
        evidence.content = content
        return evidence
    }

    @Test func placeThatStandsTooLongIsAStall() throws {
        let minute: Int64 = 60_000
        let now = Self.standards.now
        let waiting = waiting(timestamp: now - 11 * minute, movedAt: now - 30 * minute)
        let trouble = try onlyTrouble(waiting)
        #expect(trouble.kind == .partitionStalled)
        #expect(trouble.firstOffset == 28 && trouble.lastOffset == 29)
        #expect(trouble.sinceMilliseconds == now - 11 * minute)
        var stopped = Self.standards
        stopped.isRunning = false
        let check = PartitionCheck(waiting, stopped)
        #expect(check.troubles.isEmpty, "nothing runs that could move it")
        #expect(check.report.inFlightSinceMilliseconds == now - 11 * minute)
    }

    @Test func placeThatMovesIsNoStall() {
        let minute: Int64 = 60_000
        let now = Self.standards.now
        #expect(check(waiting(timestamp: now - minute, movedAt: now - 30 * minute)).troubles.isEmpty)
        #expect(check(waiting(timestamp: now - 5 * minute, movedAt: now - minute)).troubles.isEmpty)
        let begun = waiting(timestamp: now - 90 * minute, movedAt: now - 95 * minute, takenOverAt: now - minute)
        #expect(check(begun).troubles.isEmpty, "what files began a minute ago")
    }

    @Test func timestampsThatDoNotTellAreNotJudged() {
        let minute: Int64 = 60_000
        let now = Self.standards.now
        for timestamp in [now - 43_200 * minute, now + 60 * minute] {
            let check = self.check(waiting(timestamp: timestamp, movedAt: now - 30 * minute))
            #expect(check.troubles.isEmpty)
            #expect(check.report.inFlightSinceMilliseconds == nil)
            #expect(check.notes.contains { $0.text.contains("not judged") })
        }
    }

    @Test func offsetsWithoutRecordsAreNotInFlight() {
        var evidence = Self.good
        evidence.content = ContentEvidence(partition: evidence.partition, digest: nil, read: 28..<30)
        let report = check(evidence).report
        #expect(report.inFlight == 0)
        #expect(report.absent == 2)
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
        let check = self.check(PartitionEvidence(partition: partition, earliest: 0, latest: 10, commits: nil))
        #expect(check.troubles.isEmpty)
        #expect(check.report.before == 0)
        #expect(check.report.inFlight == 10)
        #expect(check.report.explained == 10)
    }

    /// What lies before the reset is on purpose; only a file that it was to delete is a trouble.
    @Test func whatAResetGaveUpIsNotMissed() throws {
        var commits = CommitEvidence(sequence: 9, epoch: 7, next: 30)
        (commits.lineage, commits.emptied, commits.cleared, commits.emptiedAt) = (2, 2, 2, 1_000)
        (commits.isWhole, commits.knownFrom) = (true, 30)
        var evidence = Self.good
        evidence.commits = commits
        (evidence.earliest, evidence.latest, evidence.files) = (30, 30, [])
        var strict = Self.standards
        strict.filesEverything = true
        let emptied = PartitionCheck(evidence, strict)
        #expect(emptied.troubles == [])
        #expect(emptied.notes.contains { $0.text.contains("emptied with `hera reset` on 1970-01-01T00:00:01Z") })
        #expect(emptied.report.emptied == 30 && emptied.report.explained == emptied.report.produced)
        evidence.files = [try file(first: 0, last: 8, rows: 9)]
        let left = PartitionCheck(evidence, strict).troubles
        #expect(left.map(\.kind) == [.fileLeft] && left.first?.firstOffset == 0)
    }

    private static let standards = Standards(now: 1_616_580_000_000)

    private typealias Standards = PartitionCheck.Standards

    private func check(_ evidence: PartitionEvidence) -> PartitionCheck { PartitionCheck(evidence, Self.standards) }

    private func onlyTrouble(_ evidence: PartitionEvidence) throws -> AuditTrouble {
        let troubles = check(evidence).troubles
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
        return FinalName(name, of: "premi").map { FileEvidence(path: "\(directory)/\(name)", name: $0, scan: scan) }
    }

    private static let good: PartitionEvidence = {
        var commits = CommitEvidence(sequence: 4, epoch: 2, next: 28)
        commits.totals.rows = 25
        commits.totals.bytes = 250
        commits.totals.filtered = 3
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
