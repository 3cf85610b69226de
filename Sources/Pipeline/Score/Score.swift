package import Audit
import Foundation
import GroundTruth
import Report

/// Holds pipeline and analysis against what the source knows.
package struct Score: Sendable {
    /// The files with the ground truth of the source's runs.
    private let truths: [String]
    /// The `segments.csv` of an analysis.
    private let segments: String
    private let bounds: ScoreBounds

    /// - Throws: `GroundTruthError`; ``ScoreError`` where there is no ground truth.
    package init(truthDirectory: String, segments: String, bounds: ScoreBounds) throws {
        truths = try GroundTruth.paths(in: truthDirectory)
        guard !truths.isEmpty else { throw ScoreError.noTruth(truthDirectory) }
        self.segments = segments
        self.bounds = bounds
    }

    /// Weighs an audit.
    ///
    /// - Throws: `StorageError` and ``ScoreError`` where the segments cannot be read.
    package func weigh(_ audit: AuditReport) async throws -> ScoreReport {
        var personas = Personas()
        for path in truths { personas.add(try GroundTruth.read(from: path)) }
        var match: PersonaMatch?
        var notes: [String] = []
        if personas.users == 0 {
            notes.append("the source gave its users no personas, so segments are not judged")
        } else if FileManager.default.fileExists(atPath: segments) {
            match = try await PersonaMatch(personas, segmentsAt: segments)
        } else {
            notes.append("there is no \(segments), so segments are not judged; `hera analyze` makes it")
        }
        return ScoreReport(audit, match, bounds, notes: notes)
    }
}

/// Why there is no score.
package struct ScoreError: Error, Hashable, CustomStringConvertible {
    package let description: String

    static func noTruth(_ directory: String) -> ScoreError {
        ScoreError(
            description: "there is no ground truth in \(directory) to hold anything against; `hera source --truth DIR` "
                + "writes it, and so do `hera up` and `hera demo`"
        )
    }

    static func segments(_ path: String, _ reason: SegmentsReader.Failure) -> ScoreError {
        ScoreError(description: "\(path) cannot be read as an analysis' segments: \(reason)")
    }
}
