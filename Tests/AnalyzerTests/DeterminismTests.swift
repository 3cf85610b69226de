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
