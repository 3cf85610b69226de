import Audit
import Community
import GroundTruth
import KafkaTopics
import Testing

/// The lines of files against digests and hours of the truth.
@Suite struct LineCheckTests {
    private static let hour: Int32 = 450_000

    private func add(_ lines: inout FiledLines, _ text: String, partition: Int32 = 0, hour: Int32? = Self.hour) {
        let file = FileOrigin(TopicPartition(topic: "comportamenti", partition: partition), hour: hour)
        Array(text.utf8).withUnsafeBytes { lines.add($0, of: file, hundredths: 160) }
    }

    /// The files of `texts`, half of them in each of two partitions.
    private func filed(_ texts: [String], hour: Int32? = Self.hour) -> FiledLines {
        var lines = FiledLines()
        for (index, text) in texts.enumerated() { add(&lines, text, partition: Int32(index % 2), hour: hour) }
        return lines
    }

    private func truth(_ texts: [String]) -> GroundTruth {
        var truth = GroundTruth(
            run: "run",
            configuration: CommunityConfiguration(initialSize: 2),
            startedAtMilliseconds: 0
        )
        var digests = [LineDigest(), LineDigest()]
        for (index, text) in texts.enumerated() { Array(text.utf8).withUnsafeBytes { digests[index % 2].add($0) } }
        truth[.behaviours].digests = digests
        var totals = RecordTotals()
        (totals.valueCount, totals.hundredths) = (texts.count, texts.count * 160)
        truth.hours = [HourTruth(topic: .behaviours, hour: Self.hour, acknowledged: totals)]
        return truth
    }

    private func check(_ lines: FiledLines, _ truths: [GroundTruth]) -> LineCheck {
        LineCheck(.behaviours, lines, truths)
    }

    private static let sent = ["a", "b", "c", "d"]

    @Test func whatWasSentAndFiledIsTheSame() {
        let check = check(filed(["a", "b", "c", "d"]), [truth(Self.sent)])
        #expect(check.troubles == [])
        #expect(check.partitionsDiffering == 0 && check.hours == 1 && check.hoursDiffering == 0)
    }

    @Test func runsAreAddedUp() {
        let check = check(filed(["a", "b", "c", "d", "x", "y"]), [truth(Self.sent), truth(["x", "y"])])
        #expect(check.troubles == [] && check.hours == 1)
    }

    @Test func otherLinesAreFoundWhereAllCountsAgree() {
        let check = check(filed(["a", "b", "C", "d"]), [truth(Self.sent)])
        #expect(check.troubles.map(\.kind) == [.linesDiffer])
        #expect(check.troubles.first?.partition == 0 && check.partitionsDiffering == 1)
        #expect(check.hoursDiffering == 0)
    }

    @Test func aMissingAndADoubledLineAreFound() {
        let missing = check(filed(["a", "b", "c"]), [truth(Self.sent)])
        #expect(missing.troubles.map(\.kind) == [.linesDiffer, .sumsDiffer])
        #expect(missing.hoursDiffering == 1)
        let doubled = check(filed(["a", "b", "c", "d", "a"]), [truth(Self.sent)])
        #expect(doubled.partitionsDiffering == 1 && doubled.hoursDiffering == 1)
    }

    @Test func anotherHourIsFound() {
        let check = check(filed(Self.sent, hour: Self.hour + 1), [truth(Self.sent)])
        #expect(check.partitionsDiffering == 0 && check.hours == 2 && check.hoursDiffering == 2)
    }

    /// What was sent within a second of a full hour may have either.
    @Test func recordsWithoutAnHourMayBeInAnyOfTheirs() {
        var truth = truth(Self.sent)
        var late = RecordTotals()
        (late.valueCount, late.hundredths) = (1, 160)
        truth[.behaviours].undated = late
        var three = RecordTotals()
        (three.valueCount, three.hundredths) = (3, 480)
        truth.hours = [HourTruth(topic: .behaviours, hour: Self.hour, acknowledged: three)]
        var lines = FiledLines()
        for (index, text) in Self.sent.enumerated() {
            add(&lines, text, partition: Int32(index % 2), hour: Self.hour + (index == 3 ? 1 : 0))
        }
        #expect(check(lines, [truth]).hoursDiffering == 0)
    }

    @Test func whatIsNotKnownIsNotJudged() {
        let lines = filed(Self.sent, hour: nil)
        let unplaced = check(lines, [truth(Self.sent)])
        #expect(unplaced.partitionsDiffering == 0 && unplaced.hours == nil)
        var old = truth(Self.sent)
        old[.behaviours].digests = nil
        #expect(check(lines, [old]).partitionsDiffering == nil)
        var open = truth(Self.sent)
        open[.behaviours].unresolved.valueCount = 1
        #expect(check(lines, [open]).partitionsDiffering == nil)
    }
}
