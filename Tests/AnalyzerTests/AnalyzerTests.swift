import Analysis
import Community
import ExactValues
import PipelineTesting
import Testing

@testable import Analyzer

@Suite(.timeLimit(.minutes(15))) struct AnalyzerTests {
    @Test func featuresAreWhatTheRowsAddUpTo() async throws {
        try await withTemporaryDirectory { root in
            let zone = TinyZone(root: root)
            try zone.writeThreeUsers()
            let table = try await zone.analyze().features
            #expect(table.ids == ["CO_2", "HE_1", "_3"])
            #expect(table.earned == [495, 710, 0])
            #expect(table.spent == [0, 500, 0])
            #expect((0..<3).map(table.balance) == [495, 210, 0])
            #expect(table.behaviours == [2, 4, 0])
            #expect(table.prizes == [0, 1, 0])
            #expect(table.ages == [19, 34, 40])
            #expect(table.sexes.map { $0.map { table.sexNames[Int($0)] } } == ["M", "F", "F"])
            #expect(table.provinces.map { $0.map { table.provinceNames[Int($0)] } } == ["MO", "BO", "BO"])
            #expect(table.partners.map(\.name) == ["CAMST", "CONAD", "HERA"])
            #expect(table.partners.map(\.earned) == [[240, 0, 0], [255, 90, 0], [0, 620, 0]])
            #expect(table.partners.map(\.spent) == [[0, 0, 0], [0, 500, 0], [0, 0, 0]])
            #expect(table.fidelity(1, partner: 2) == 100 * 620.0 / 710)
            #expect(table.fidelity(2, partner: 2) == nil)
        }
    }

    @Test func totalsAreWhatTheRowsAddUpTo() async throws {
        try await withTemporaryDirectory { root in
            let zone = TinyZone(root: root)
            try zone.writeThreeUsers()
            let analysis = try await zone.analyze().analysis
            let population = analysis.population
            #expect(population.users == 3)
            #expect(population.earners == 2)
            #expect(population.spenders == 1)
            #expect(population.behaviours == EventTotals(count: 6, amount: TokenAmount(hundredths: 1205)))
            #expect(population.prizes == EventTotals(count: 1, amount: TokenAmount(hundredths: 500)))
            #expect(population.balance == TokenAmount(hundredths: 705))
            #expect(population.meanAge == 31)
            #expect(analysis.partners.map(\.partner) == ["CAMST", "CONAD", "HERA"])
            #expect(analysis.partners.map(\.rewards.count) == [1, 2, 3])
            #expect(analysis.partners.map(\.rewards.amount.hundredths) == [240, 345, 620])
            #expect(analysis.partners.map(\.earners) == [1, 2, 1])
            #expect(analysis.kinds.contains { $0.name == "Buono Spesa 5€ Conad" && $0.totals.count == 1 })
            #expect(analysis.sexes.map(\.name) == ["F", "M"])
            #expect(analysis.provinces.map(\.users) == [2, 1])
            #expect(analysis.ages.map(\.from) == [15, 20, 25, 30, 35, 40])
            #expect(analysis.ages.map(\.users) == [1, 0, 0, 1, 0, 1])
            #expect(analysis.topUsers.map(\.id) == ["HE_1", "CO_2"])
            #expect(analysis.input.notices == [])
        }
    }

    @Test func timelineFollowsTheDirectories() async throws {
        try await withTemporaryDirectory { root in
            let zone = TinyZone(root: root)
            try zone.writeThreeUsers()
            try zone.write("premi/elsewhere/premi_0_0_0.json", [TinyZone.prize("HE_1", "HERA", "1")])
            let analysis = try await zone.analyze().analysis
            #expect(
                analysis.timeline == [
                    TimelineEntry(
                        time: CalendarHour(year: 2021, month: 3, day: 24, hour: 11),
                        users: 3,
                        behaviours: 4,
                        prizes: 0
                    ),
                    TimelineEntry(
                        time: CalendarHour(year: 2021, month: 3, day: 24, hour: 12),
                        users: 0,
                        behaviours: 2,
                        prizes: 1
                    ),
                ]
            )
            #expect(analysis.input.rowsWithoutTime == 1)
        }
    }

    @Test func usersWithoutEarningsBelongToNoSegment() async throws {
        try await withTemporaryDirectory { root in
            let zone = TinyZone(root: root)
            try zone.writeThreeUsers()
            let result = try await zone.analyze()
            let segmentation = try #require(result.analysis.segmentation)
            #expect(segmentation.focusPartner == "HERA")
            #expect(segmentation.features.map(\.name) == ["TOT_tk_guadagnati", "TOT_tk_spesi", "HERA_FIDELITY(%)"])
            #expect(segmentation.features[0].mean == (7.10 + 4.95) / 2)
            // Two different users cannot make more than two clusters.
            #expect(segmentation.costs.map(\.effectiveK) == Array(repeating: 2, count: 9))
            #expect(segmentation.chosenK == 2)
            #expect(segmentation.segments.map(\.users) == [1, 1])
            #expect(segmentation.usersWithoutEarnings == 1)
            #expect(result.segmentOfUser == [1, 2, 0])
            #expect(segmentation.scatter.map(\.earned.hundredths) == [495, 710])
        }
    }

    @Test func laterRowOfAUserReplacesTheEarlier() async throws {
        try await withTemporaryDirectory { root in
            let zone = TinyZone(root: root)
            try zone.write(
                "utenti/2021/03/24/11/utenti_0_0_1.json",
                [TinyZone.user("A", age: 20), TinyZone.user("A", age: 21)]
            )
            try zone.write("utenti/2021/03/25/11/utenti_0_2_2.json", [TinyZone.user("A", age: 22, province: "RE")])
            let result = try await zone.analyze(AnalysisOptions(workers: 3))
            #expect(result.features.ages == [22])
            #expect(result.features.provinceNames.last == "RE")
            #expect(result.analysis.population.replacedRecords == 2)
            #expect(result.analysis.segmentation == nil)
        }
    }

    @Test func eventsOfAUserWithoutRecordCount() async throws {
        try await withTemporaryDirectory { root in
            let zone = TinyZone(root: root)
            try zone.write("comportamenti/2021/03/24/11/c_0_0_0.json", [TinyZone.behaviour("X", "HERA", "1.6")])
            let result = try await zone.analyze()
            #expect(result.features.ages == [nil])
            #expect(result.features.sexes == [nil])
            #expect(result.analysis.population.usersWithoutRecord == 1)
            #expect(result.analysis.segmentation?.segments.map(\.users) == [1])
            #expect(
                result.analysis.input.notices.prefix(2) == [
                    "The topic utenti has no directory in the raw zone: its numbers are zero.",
                    "The topic premi has no directory in the raw zone: its numbers are zero.",
                ]
            )
        }
    }

    @Test func spendingMoreThanWasEarnedIsSaid() async throws {
        try await withTemporaryDirectory { root in
            let zone = TinyZone(root: root)
            try zone.write("premi/2021/03/24/11/p_0_0_0.json", [TinyZone.prize("X", "HERA", "10")])
            let result = try await zone.analyze()
            #expect(result.features.balance(0) == -1000)
            #expect(result.analysis.population.usersBelowZero == 1)
            #expect(result.analysis.input.notices.contains { $0.contains("spent more than they earned") })
        }
    }
}

/// The names under which an analysis shows its topics are those of the events.
@Suite struct RawZoneTopicTests {
    @Test func topicsAreThoseOfTheContract() {
        #expect(RawZoneTopic.allCases.map(\.rawValue) == CommunityTopic.allCases.map(\.name))
        for topic in RawZoneTopic.allCases { #expect(topic.contract.name == topic.rawValue) }
    }
}
