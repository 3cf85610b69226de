import Community
import GroundTruth
import Testing

@testable import DataSource

@Suite struct SourceReportTests {
    private func result(unresolved: Int = 0, failure: DataSourceError? = nil) -> SourceResult {
        var truth = GroundTruth(
            run: "source-1-0",
            configuration: CommunityConfiguration(initialSize: 1),
            startedAtMilliseconds: 1
        )
        truth.outcome = failure == nil ? .completed : .failed
        truth.failure = failure?.description
        truth[.behaviours].acknowledged.valueCount = 1_234_000
        truth[.prizes].acknowledged.tombstoneCount = 567
        truth[.users].unresolved.valueCount = unresolved
        var latency = AcknowledgementLatency()
        latency.record(.milliseconds(2), count: 990)
        latency.record(.milliseconds(40), count: 10)
        return SourceResult(
            truth: truth,
            truthPath: "/truth/source-1-0.json",
            elapsed: .milliseconds(2_500),
            latency: latency,
            failure: failure
        )
    }

    @Test func itSaysWhatAPersonWantsToKnow() {
        #expect(
            SourceReport(result()).text == """
                completed: 1,234,567 records acknowledged in 2.50 s, 493,827 records/s
                  by topic         0 utenti, 1,234,000 comportamenti, 567 premi; of them 567 tombstones
                  acknowledgement  p50 2.00 ms, p99 2.00 ms, p99.9 40.00 ms
                  ground truth     /truth/source-1-0.json
                """
        )
    }

    @Test func doubtIsNotHidden() {
        let report = SourceReport(result(unresolved: 7, failure: .badConfiguration("a reason")))
        #expect(report.text.contains("unknown          7 records may or may not have arrived"))
        #expect(report.text.hasPrefix("failed:"))
        #expect(report.failure?.contains("a reason") == true)
    }

    @Test func progressIsOneLine() {
        let progress = SourceProgress(
            sentCount: 1_500,
            acknowledgedCount: 1_000,
            totalCount: 10_000,
            elapsed: .milliseconds(2_000)
        )
        #expect(progress.text == "1,000 of 10,000 records acknowledged, 500 on their way, 500 records/s, 2 s")
    }

    @Test(arguments: [
        ("500ms", Duration.milliseconds(500)), ("30s", .seconds(30)), ("45", .seconds(45)), ("5m", .seconds(300)),
        ("2h", .seconds(7_200)),
    ])
    func durationsAreReadWithTheirUnits(_ text: String, _ duration: Duration) {
        #expect(Duration(text: text) == duration)
    }

    @Test(arguments: ["", "s", "-5s", "1.5s", "5x", "5 s", "99999999999999999999s", "9999999999h", "٣s"])
    func otherTextsAreNoDurations(_ text: String) {
        #expect(Duration(text: text) == nil)
    }
}
