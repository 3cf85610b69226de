import Analyzer
import Foundation
import PipelineTesting
import Testing

/// The same files and seed give the same analysis, however many workers there are.
@Suite(.timeLimit(.minutes(5))) struct DeterminismTests {
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

    @Test(arguments: [1, 2, 5])
    func onePartnerTooManyIsAnErrorForAnyWorkers(workers: Int) async throws {
        try await withTemporaryDirectory { root in
            let zone = TinyZone(root: root)
            try write(partners: Limits.partnersMax + 1, to: zone)
            let error = await #expect(throws: AnalyzerError.self) {
                try await zone.analyze(AnalysisOptions(workers: workers))
            }
            #expect(error?.code == .outOfRoom)
            #expect(error?.message.contains("32 different values of Partner_erogante") == true)
        }
    }

    /// The row that brings one behaviour too many brings a new partner as well, and so does the one behind it.
    @Test func oneBehaviourTooManyOfANewPartnerIsAnError() async throws {
        try await withTemporaryDirectory { root in
            let zone = TinyZone(root: root)
            let known = (0..<Limits.categoriesMax).map { TinyZone.behaviour("A", "HERA", "1", "behaviour \($0)") }
            let dirty = [
                TinyZone.behaviour("A", "NEW", "1", "one too many"),
                TinyZone.behaviour("A", "NEWER", "1", "behaviour 0"),
            ]
            try zone.write("comportamenti/2021/03/24/11/comportamenti_0_0_0.json", known)
            _ = try await zone.analyze()
            try zone.write("comportamenti/2021/03/24/11/comportamenti_0_0_0.json", known + dirty)
            let error = await #expect(throws: AnalyzerError.self) { try await zone.analyze() }
            #expect(error?.code == .outOfRoom)
            #expect(error?.message.contains("4096 different values of comportamento and premio") == true)
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
