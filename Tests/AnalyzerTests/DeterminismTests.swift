import Analysis
import Community
import ExactValues
import Foundation
import PipelineTesting
import Synchronization
import Testing

@testable import Analyzer

/// The same files and seed give the same analysis, however many workers there are.
@Suite(.timeLimit(.minutes(15))) struct DeterminismTests {
    @Test func workersChangeNothing() async throws {
        try await withTemporaryDirectory { root in
            let zone = TinyZone(root: root)
            try CommunityZone.write(zone, users: 400, seed: 11)
            let one = try await zone.analyze(AnalysisOptions(kMax: 6, workers: 1))
            for workers in [1, 2, 5] {
                let other = try await zone.analyze(AnalysisOptions(kMax: 6, workers: workers))
                #expect(other.analysis == one.analysis)
                #expect(other.segmentOfUser == one.segmentOfUser)
                #expect(other.features.ids == one.features.ids)
            }
            #expect(one.analysis.segmentation?.scatter.count == one.analysis.population.earners)
        }
    }

    /// Writes behaviours of so many partners in five files, so that no worker need see all of them.
    private func write(partners: Int, to zone: TinyZone) throws {
        for file in 0..<5 {
            let names = (0..<partners).filter { $0 % 5 == file }.map { "PARTNER_\($0)" }
            let lines = names.map { TinyZone.behaviour("USER_\($0)", $0, "1") }
            try zone.write("comportamenti/2021/03/24/11/comportamenti_\(file)_0_0.json", lines)
        }
    }

    @Test func asManyPartnersAsThereIsRoomForAreTheSameForAnyWorkers() async throws {
        try await withTemporaryDirectory { root in
            let zone = TinyZone(root: root)
            try write(partners: Limits.partnersMax, to: zone)
            let one = try await zone.analyze(AnalysisOptions(kMax: 2, workers: 1)).analysis
            #expect(one.partners.count == Limits.partnersMax)
            for workers in [2, 5] {
                #expect(try await zone.analyze(AnalysisOptions(kMax: 2, workers: workers)).analysis == one)
            }
        }
    }

    /// Every partner has one user and one event; three have a second one, and so a column of their own in any case.
    @Test(arguments: [1, 7])
    func partnersBeyondTheRoomAreFoldedForAnyWorkers(tooMany: Int) async throws {
        try await withTemporaryDirectory { root in
            let zone = TinyZone(root: root)
            let count = Limits.partnersMax + tooMany
            try write(partners: count, to: zone)
            let frequent = ["PARTNER_\(count - 1)", "PARTNER_9", "PARTNER_8"]
            try zone.write(
                "premi/2021/03/24/11/premi_0_0_0.json",
                frequent.map { TinyZone.prize("USER", $0, "1") } + [TinyZone.prize("USER", "", "2")]
            )
            let one = try await zone.analyze(AnalysisOptions(kMax: 2, workers: 1)).analysis
            #expect(one.partners.count == Limits.partnersMax + 2)
            #expect(one.population.behaviours.count == count)
            #expect(one.input.folds == [Fold(field: "Partner_erogante", values: tooMany, rows: tooMany)])
            #expect(one.input.notices.contains { $0.contains("Partner_erogante") && $0.contains("(other)") })
            let byName = Dictionary(uniqueKeysWithValues: one.partners.map { ($0.partner, $0) })
            #expect(
                byName["(other)"]?.rewards
                    == EventTotals(count: tooMany, amount: TokenAmount(hundredths: 100 * Int64(tooMany)))
            )
            #expect(byName["(unknown)"]?.prizes == EventTotals(count: 1, amount: TokenAmount(hundredths: 200)))
            for name in frequent { #expect(byName[name] != nil) }
            for workers in [2, 5] {
                #expect(try await zone.analyze(AnalysisOptions(kMax: 2, workers: workers)).analysis == one)
            }
        }
    }

    @Test func progressOfEveryStageEndsWithAllOfIt() async throws {
        try await withTemporaryDirectory { root in
            let zone = TinyZone(root: root)
            try write(partners: Limits.partnersMax + 1, to: zone)
            let seen = Mutex<[AnalysisProgress]>([])
            _ = try await Analyzer(storage: zone.storage).analyze(AnalysisOptions(kMax: 3, workers: 1)) {
                progress in seen.withLock { $0.append(progress) }
            }
            let steps = seen.withLock { $0 }
            for stage in [AnalysisProgress.Stage.countingPartners, .readingAgain, .segmenting] {
                let own = steps.filter { $0.stage == stage }
                #expect(own.count > 1 && own.last?.done == own.last?.total, "\(own)")
                #expect(own.map(\.done) == own.map(\.done).sorted())
            }
            #expect(steps.first?.stage == .reading)
        }
    }

    @Test func behavioursBeyondTheRoomAreFolded() async throws {
        try await withTemporaryDirectory { root in
            let zone = TinyZone(root: root)
            let names = (0..<Limits.categoriesMax + 5).map { "behaviour \($0)" }
            let lines = (names + [names[4099]]).map { TinyZone.behaviour("A", "HERA", "1", $0) }
            try zone.write("comportamenti/2021/03/24/11/comportamenti_0_0_0.json", lines)
            let analysis = try await zone.analyze(AnalysisOptions(kMax: 2)).analysis
            #expect(analysis.kinds.count == Limits.categoriesMax + 1)
            #expect(analysis.kinds.first { $0.name == "(other)" }?.totals.count == 5)
            #expect(analysis.kinds.contains { $0.name == names[4099] && $0.totals.count == 2 })
            #expect(analysis.kinds.reduce(0) { $0 + $1.totals.count } == lines.count)
            #expect(analysis.input.folds == [Fold(field: "comportamento and premio", values: 5, rows: 5)])
        }
    }

    @Test func provincesBeyondTheRoomAreFolded() async throws {
        try await withTemporaryDirectory { root in
            let zone = TinyZone(root: root)
            let lines = (0..<Limits.categoriesMax + 3).map { TinyZone.user("U\($0)", province: "P\($0)") }
            try zone.write("utenti/2021/03/24/11/utenti_0_0_0.json", lines)
            let analysis = try await zone.analyze().analysis
            #expect(analysis.provinces.count == Limits.categoriesMax + 1)
            #expect(analysis.provinces.last == CategoryCount(name: "(other)", users: 3))
            #expect(analysis.input.folds == [Fold(field: "Provincia", values: 3, rows: 3)])
        }
    }

    /// Two forms of one word that Swift's `String` takes for equal, and other readers of the files do not.
    @Test func namesDifferByTheirBytes() async throws {
        try await withTemporaryDirectory { root in
            let zone = TinyZone(root: root)
            let (composed, decomposed) = ("caff\u{E8}", "caffe\u{300}")
            var lines: [String] = []
            for (count, name) in [(1, composed), (2, decomposed)] {
                lines += Array(repeating: TinyZone.behaviour(name, name, "1", name), count: count)
            }
            try zone.write("comportamenti/2021/03/24/11/comportamenti_0_0_0.json", lines)
            try zone.write(
                "utenti/2021/03/24/11/utenti_0_0_0.json",
                [composed, decomposed].map { TinyZone.user($0, sex: $0, province: $0) }
            )
            let result = try await zone.analyze(AnalysisOptions(kMax: 2))
            let names = [decomposed, composed].map { Array($0.utf8) }
            let analysis = result.analysis
            #expect(result.features.ids.map { Array($0.utf8) } == names)
            #expect(analysis.partners.map { Array($0.partner.utf8) } == names)
            #expect(analysis.partners.map(\.rewards.count) == [2, 1])
            #expect(analysis.kinds.map { Array($0.name.utf8) } == names)
            #expect(analysis.provinces.map { Array($0.name.utf8) } == names)
            #expect(analysis.sexes.map { Array($0.name.utf8) } == names)
        }
    }

    @Test func analysisSurvivesJSON() async throws {
        try await withTemporaryDirectory { root in
            let zone = TinyZone(root: root)
            try CommunityZone.write(zone, users: 100, seed: 12)
            let analysis = try await zone.analyze(AnalysisOptions(kMax: 4)).analysis
            let decoded = try JSONDecoder().decode(Analysis.self, from: JSONEncoder().encode(analysis))
            #expect(decoded == analysis)
        }
    }

    @Test func scatterIsAnEvenSampleOfAllSegments() async throws {
        try await withTemporaryDirectory { root in
            let zone = TinyZone(root: root)
            try CommunityZone.write(zone, users: 400, seed: 13)
            let options = AnalysisOptions(kMax: 4, scatterPointsMax: 100)
            let segmentation = try #require(try await zone.analyze(options).analysis.segmentation)
            #expect(segmentation.scatter.count == 100)
            for segment in segmentation.segments {
                let points = segmentation.scatter.count { $0.segment == segment.number }
                #expect(abs(Double(points) - segment.share) < 20)
            }
        }
    }
}
