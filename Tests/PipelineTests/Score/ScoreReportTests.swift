import Audit
import Community
import Foundation
import GroundTruth
import PipelineTesting
import SystemPackage
import Testing

@testable import Pipeline

/// What a score says of an audit and a segmentation, and which bounds it breaks.
@Suite struct ScoreReportTests {
    private let folder = ScratchDirectory()

    private func partition(_ topic: String, filed: Int64, lines: Int64? = nil, deadLettered: Int64 = 0)
        -> PartitionReport
    {
        PartitionReport(
            topic: topic,
            partition: 0,
            produced: filed + deadLettered,
            before: 0,
            filed: filed,
            filtered: 0,
            deadLettered: deadLettered,
            absent: 0,
            lost: 0,
            inFlight: 0,
            files: 1,
            lines: lines ?? filed,
            holds: true
        )
    }

    private func truth(_ topic: String, acknowledged: Int64, broken: Int64 = 0) -> TopicTruthReport {
        var truth = TopicTruthReport(
            topic: topic,
            acknowledged: acknowledged,
            unresolved: 0,
            produced: acknowledged,
            foreign: 0,
            users: 2,
            expectedHundredths: nil,
            filedHundredths: nil,
            holds: true
        )
        truth.broken = broken
        return truth
    }

    private func score(
        _ partition: PartitionReport,
        _ truth: TopicTruthReport,
        _ bounds: ScoreBounds = ScoreBounds(),
        _ personas: PersonaMatch? = nil
    ) -> ScoreReport {
        let audit = AuditReport(partitions: [partition], truth: [truth], troubles: [], notes: [])
        return ScoreReport(audit, personas, bounds, notes: [])
    }

    @Test func whatIsWhereItBelongsIsAHundredPercent() {
        let score = score(partition("premi", filed: 8, deadLettered: 2), truth("premi", acknowledged: 10, broken: 2))
        #expect(score.holds && score.failures == [] && score.total.percent == 100)
        #expect(score.text.contains("The score holds."))
    }

    @Test func missingLinesAreLostAndMoreAreDoubled() {
        let lost = score(partition("premi", filed: 10, lines: 7), truth("premi", acknowledged: 10))
        #expect(!lost.holds && lost.total.lost == 3 && lost.total.percent == 70)
        #expect(lost.text.contains("3 records are lost, and --max-lost is 0"))
        let doubled = score(partition("premi", filed: 10, lines: 11), truth("premi", acknowledged: 10))
        #expect(!doubled.holds && doubled.total.doubled == 1 && doubled.total.lost == 0)
    }

    @Test func recordsThatNeverArrivedAreLost() {
        var sent = truth("premi", acknowledged: 10)
        sent.produced = 8
        #expect(score(partition("premi", filed: 8), sent).total.lost == 2)
    }

    @Test func lettersAreHeldAgainstWhatIsBroken() {
        let many = score(partition("premi", filed: 7, deadLettered: 3), truth("premi", acknowledged: 10, broken: 2))
        #expect(many.total.wronglyDeadLettered == 1 && !many.holds)
        let few = score(partition("premi", filed: 9, deadLettered: 1), truth("premi", acknowledged: 10, broken: 2))
        #expect(few.total.wronglyDeadLettered == 1 && !few.holds)
        var foreign = truth("premi", acknowledged: 9, broken: 2)
        foreign.foreign = 1
        let others = score(partition("premi", filed: 7, deadLettered: 3), foreign)
        #expect(others.total.wronglyDeadLettered == 0, "the letter may be of somebody else's record")
    }

    @Test func boundsAreGiven() {
        var bounds = ScoreBounds()
        bounds.lostMax = 3
        #expect(score(partition("premi", filed: 10, lines: 7), truth("premi", acknowledged: 10), bounds).holds)
        var waiting = partition("premi", filed: 8)
        waiting.inFlight = 2
        #expect(score(waiting, truth("premi", acknowledged: 10)).holds)
        bounds.lateMax = 1
        #expect(!score(waiting, truth("premi", acknowledged: 10), bounds).holds)
    }

    @Test func sumsThatDifferBreakTheirBound() {
        var sent = truth("premi", acknowledged: 10)
        (sent.usersDiffering, sent.hours, sent.hoursDiffering, sent.partitionsDiffering) = (2, 4, 1, 1)
        let score = score(partition("premi", filed: 10), sent)
        #expect(score.total.differing == 4 && !score.holds)
    }

    private func match(_ segments: String, _ personas: [String: Int]) async throws -> PersonaMatch {
        let path = folder.path.appending("segments.csv").string
        try segments.write(toFile: path, atomically: true, encoding: .utf8)
        var known = Personas()
        known.add(truth(of: personas))
        return try await PersonaMatch(known, segmentsAt: path)
    }

    private func truth(of personas: [String: Int]) -> GroundTruth {
        let community = CommunityConfiguration(initialSize: 2)
        var truth = GroundTruth(run: "run", configuration: community, startedAtMilliseconds: 0)
        truth.personas = ["savers", "spenders", "quiet"]
        truth.users = personas.sorted { $0.key < $1.key }.map { user in
            UserTruth(id: user.key, sums: TokenSums(), persona: user.value)
        }
        return truth
    }

    @Test func segmentsAreHeldAgainstPersonas() async throws {
        let head = "id_utente,segment,segment_name\r\n"
        let same = try await match(
            head + "HE_1,2,x\r\nHE_2,2,x\r\nHE_3,1,y\r\nHE_4,1,y\r\nHE_5,0,none\r\nGUEST,1,y\r\n",
            ["HE_1": 1, "HE_2": 1, "HE_3": 2, "HE_4": 2, "HE_5": 3, "HE_6": 3]
        )
        #expect(same.randIndex == 1 && same.users == 4 && same.personas == 2 && same.segments == 2)
        #expect(same.withoutSegment == 2 && same.withoutPersona == 1)
        let other = try await match(
            head + "HE_1,1,\r\nHE_2,2,\r\nHE_3,1,\r\nHE_4,2,",
            ["HE_1": 1, "HE_2": 1, "HE_3": 2, "HE_4": 2]
        )
        #expect(abs((other.randIndex ?? 0) + 0.5) < 1e-12)
        var bounds = ScoreBounds()
        bounds.randMin = 0.6
        let failed = score(partition("premi", filed: 1), truth("premi", acknowledged: 1), bounds, other)
        #expect(failed.failures == ["the adjusted Rand index is -0.500, and --min-rand is 0.6"])
        #expect(score(partition("premi", filed: 1), truth("premi", acknowledged: 1), bounds, same).holds)
        let none = score(partition("premi", filed: 1), truth("premi", acknowledged: 1), bounds)
        #expect(none.failures == ["there is no adjusted Rand index, and --min-rand is 0.6"])
    }

    /// Runs with other seeds use the same ids for other users.
    @Test func usersWithSeveralPersonasHaveNone() {
        var personas = Personas()
        for known in [["HE_1": 1, "HE_2": 2], ["HE_1": 2, "HE_2": 2], ["HE_1": 1]] { personas.add(truth(of: known)) }
        #expect(personas.users == 1)
        #expect(personas.number(of: "HE_1") == nil && personas.number(of: "HE_2") != nil)
    }

    @Test func anotherFileIsRefused() async throws {
        let error = await #expect(throws: ScoreError.self) { try await match("a,b\n1,2\n", [:]) }
        #expect(error?.description.contains("segments.csv") == true)
    }
}
