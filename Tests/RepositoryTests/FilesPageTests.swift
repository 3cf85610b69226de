import Foundation
import Testing

/// `docs/FILES.md` names every column and key that the program writes, and `docs/OPERATIONS.md` messages that it says.
@Suite struct FilesPageTests {
    private let page = Repository.file(at: "docs/FILES.md")?.text ?? ""

    /// The lines of a type's declaration; other types may be in its file.
    private func declaration(of type: String) throws -> ArraySlice<Substring> {
        let head = try Regex("^(?:package )?struct \(type)\\b")
        for file in Repository.sources {
            guard let first = file.lines.firstIndex(where: { $0.firstMatch(of: head) != nil }) else { continue }
            return file.lines[first...].prefix { $0 != "}" }
        }
        throw NotFound(type: type)
    }

    private struct NotFound: Error { let type: String }

    @Test(arguments: ["SegmentsFile", "AggregatesFile"])
    func columnsAreDocumented(type: String) throws {
        let source = try declaration(of: type).joined(separator: "\n")
        let head = try #require(source.firstMatch(of: /var head: String \{(?s:.*?)\n    \}/)).output
        let columns = head.matches(of: /"([A-Za-z_()]+)"/).map { String($0.1) }
        #expect(columns.count >= 6)
        for column in columns { #expect(page.contains("| `\(column)` |"), "\(type) writes \(column)") }
    }

    /// The page tells of each column of a source's metrics, in their order, what fills it.
    @Test func metricsColumnsAreDocumented() throws {
        let source = try #require(Repository.file(at: "Sources/DataSource/Metrics/MetricsRow.swift")).text
        let columns = source.matches(of: /case [A-Za-z]+ = "([a-z-]+)"/).map { String($0.1) }
        #expect(columns.count == 34)
        let page = try #require(Repository.file(at: "docs/DATA.md")).text
        let section = try #require(page.components(separatedBy: "## A source's metrics").last)
        let rows = section.split(separator: "\n").compactMap { line in
            line.firstMatch(of: /^\| `([a-z-]+)` \|/).map { String($0.1) }
        }
        #expect(rows == columns)
    }

    /// Values whose fields are keys of JSON that others read.
    @Test(arguments: [
        "Analysis", "InputSummary", "Population", "TimelineEntry", "PartnerTotals", "KindTotals", "UserTotals",
        "AgeBand",
        "Segmentation", "CustomerSegment", "PartitionReport", "TopicTruthReport", "AuditReport", "AuditNote",
        "AuditTrouble",
        "SourceReport", "TopicDetails", "TopicSummary", "ReportSummary", "DemoSummary",
        "PipelineStatus", "RouteReport", "PerformanceReport", "PerformanceMeasurement", "PerformanceSettings",
    ])
    func keysAreDocumented(type: String) throws {
        let keys = try declaration(of: type).compactMap { line -> String? in
            guard line.hasPrefix("    package "), !line.contains("static"), !line.contains("{") else { return nil }
            return line.firstMatch(of: /package (?:let|var) ([A-Za-z]+)/).map { String($0.1) }
        }
        #expect(!keys.isEmpty, "\(type)")
        for key in keys { #expect(page.contains("`\(key)`"), "\(type): \(key) is not told in docs/FILES.md") }
    }

    /// A recipe is for a message that some code says.
    @Test func messagesOfRecipesAreSaid() throws {
        let operations = try #require(Repository.file(at: "docs/OPERATIONS.md"))
        // What the operating system says itself.
        let systems = ["No space left on device", "Too many open files", "Address already in use"]
        let sources = Repository.sources.map { Self.joined($0.text) }
        let recipes = operations.lines.drop { !$0.hasPrefix("## A recipe") }.filter { $0.hasPrefix("| `") }
        #expect(recipes.count > 10)
        for recipe in recipes {
            let message = try #require(recipe.firstMatch(of: /^\| `([^`]+)`/)).1
            for part in message.split(separator: "…").map({ $0.trimmingPrefix(" ") }) {
                let words = part.trimming { " '".contains($0) }
                if words.isEmpty || systems.contains(where: { words.hasSuffix($0) }) { continue }
                #expect(sources.contains { $0.contains(words) }, "docs/OPERATIONS.md: nothing says '\(words)'")
            }
        }
    }

    /// Source with its concatenated strings in one piece.
    private static func joined(_ text: String) -> String {
        text.replacing(/"\s*\n\s*\+ "/, with: "").replacing(/\\\n\s*/, with: "")
    }
}

extension StringProtocol {
    fileprivate func trimming(_ isBlank: (Character) -> Bool) -> String {
        let front = drop(while: isBlank)
        return String(front.reversed().drop(while: isBlank).reversed())
    }
}
