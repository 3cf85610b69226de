import Analysis
import Foundation
import PipelineTesting
import Report
import Testing

/// The whole page of a small community, as a file to be looked at when it changes.
///
/// After a wanted change: `UPDATE_SNAPSHOTS=1 swift test --filter SnapshotTests`, then look at the difference.
@Suite(.timeLimit(.minutes(15))) struct SnapshotTests {
    @Test func pageIsTheOneThatWasApproved() async throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Snapshots/tiny.html")
        let page = try await withTemporaryDirectory { root in
            try Report.html(try await SampleZone.analyze(root).analysis)
        }
        if ProcessInfo.processInfo.environment["UPDATE_SNAPSHOTS"] == "1" {
            try Data(page.utf8).write(to: file)
        }
        let approved = String(decoding: try Data(contentsOf: file), as: UTF8.self)
        let lines = page.split(separator: "\n", omittingEmptySubsequences: false)
        let approvedLines = approved.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == approvedLines.count)
        for (number, (line, approvedLine)) in zip(lines, approvedLines).enumerated() {
            #expect(line == approvedLine, "line \(number + 1)")
        }
    }
}
