import Testing

@testable import DataSource

/// How many producers are enough.
@Suite struct PerformanceKneeTests {
    private func step(_ producers: Int, _ rate: Int, bytes: Int = 150, isFailed: Bool = false) -> PerformanceMeasurement
    {
        let settings = PerformanceSettings(
            producers: producers,
            recordBytes: bytes,
            acks: "all",
            compression: "none",
            batchBytes: 1_000_000,
            lingerMilliseconds: 5
        )
        if isFailed { return PerformanceMeasurement(settings: settings, failure: "the broker is gone") }
        var latency = AcknowledgementLatency()
        latency.record(.milliseconds(12), count: 1)
        return PerformanceMeasurement(
            settings: settings,
            records: rate,
            elapsed: .seconds(1),
            processor: .milliseconds(500),
            latency: latency
        )
    }

    @Test func kneeIsTheFewestProducersNearTheGreatestRate() {
        let knee = PerformanceKnee([step(1, 500_000), step(2, 812_000), step(4, 840_000), step(8, 790_000)])
        #expect(knee.step?.settings.producers == 2)
        #expect(
            knee.sentence
                == "The knee is at 2 producers: 812,000 records/s (97 % of the greatest rate, 840,000 records/s), "
                + "p99 12.0 ms; more producers bring waiting, not records."
        )
    }

    @Test func orderOfTheStepsDoesNotMatter() {
        let knee = PerformanceKnee([step(8, 790_000), step(4, 840_000), step(1, 500_000), step(2, 812_000)])
        #expect(knee.step?.settings.producers == 2)
    }

    @Test func oneProducerMayBeEnough() {
        let knee = PerformanceKnee([step(1, 900), step(2, 800)])
        #expect(
            knee.sentence
                == "The knee is at 1 producer: 900 records/s (the greatest rate), p99 12.0 ms; "
                + "more producers bring waiting, not records."
        )
    }

    @Test func rateThatStillGrowsHasNoKnee() {
        let knee = PerformanceKnee([step(1, 100), step(2, 200), step(4, 400)])
        #expect(knee.step == nil)
        #expect(
            knee.sentence
                == "There is no knee up to 4 producers: the rate still grows, to 400 records/s; measure more with "
                + "--producers."
        )
    }

    @Test func oneNumberOfProducersHasNoKnee() {
        #expect(
            PerformanceKnee([step(3, 100)]).sentence
                == "3 producers reached 100 records/s; measure several numbers of producers to find the knee, such as "
                + "--producers 1-8."
        )
    }

    @Test func settingsWithTheGreatestRateCount() {
        let steps = [step(1, 100), step(2, 101), step(1, 50, bytes: 1_000), step(2, 400, bytes: 1_000)]
        let sentence = PerformanceKnee(steps).sentence
        #expect(
            sentence
                == "There is no knee up to 2 producers: the rate still grows, to 400 records/s with 1,000-byte records; "
                + "measure more with --producers."
        )
        let settings = steps.map(\.settings)
        #expect(
            settings[0].words(among: [settings[0], settings[1]])
                == "150-byte records, acks all, compression none, batches up to 1,000,000 bytes, linger 5 ms"
        )
    }

    @Test func stepsThatFailedOrBroughtNothingDoNotCount() {
        #expect(
            PerformanceKnee([step(1, 0), step(2, 0, isFailed: true)]).sentence
                == "No record was acknowledged, so there is no knee to find."
        )
        #expect(PerformanceKnee([]).step == nil)
        #expect(
            PerformanceKnee([step(1, 100), step(2, 0, isFailed: true), step(4, 100)]).step?.settings.producers == 1
        )
    }

    @Test func tableTellsEachStep() {
        let report = PerformanceReport(
            bootstrap: ["kafka:9092"],
            topic: "perf",
            partitions: 6,
            elapsed: .seconds(12),
            stepsLeftOut: 1,
            stop: .timeLimit,
            measurements: [step(1, 1_234_567), step(16, 0, isFailed: true)]
        )
        #expect(
            report.text == """
                producers  bytes  acks  compression      batch  linger ms  records/s   MB/s  p50 ms  p99 ms  p99.9 ms  CPUs
                        1    150   all         none  1,000,000          5  1,234,567  185.2   12.00   12.00     12.00  0.50
                       16    150   all         none  1,000,000          5     failed      –       –       –         –     –

                1 producer reached 1,234,567 records/s; measure several numbers of producers to find the knee, such as \
                --producers 1-8.
                The time limit was reached: 1 step not measured.
                1 step failed; the first: the broker is gone
                """
        )
        #expect(report.hasFailures)
    }

    @Test func testThatWasStoppedAtOnceHasNoTable() {
        let report = PerformanceReport(
            bootstrap: ["kafka:9092"],
            topic: "perf",
            partitions: 6,
            elapsed: .zero,
            stepsLeftOut: 2,
            stop: .told,
            measurements: []
        )
        #expect(
            report.text == """
                No record was acknowledged, so there is no knee to find.
                The test was stopped: 2 steps not measured.
                """
        )
    }
}
