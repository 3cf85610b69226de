package import Analysis
package import ExactValues
import Foundation
import PlainText

/// An analysis in a few lines, for a terminal or a script.
package struct ReportSummary: Equatable, Sendable, Codable {
    /// A segment in a line.
    package struct Segment: Equatable, Sendable, Codable {
        package let number: Int
        package let name: String
        package let users: Int
    }

    package let users: Int
    package let behaviours: Int
    package let prizes: Int
    /// In tk.
    package let earned: TokenAmount
    package let spent: TokenAmount
    package let files: Int
    package let badLines: Int
    /// All of them, by topic and cause.
    package let badLineCauses: [InputSummary.BadLineCause]
    package let chosenK: Int?
    package let segments: [Segment]
    package let notices: [String]
    /// Paths of what was written, the page first.
    package let written: [String]

    package init(_ analysis: Analysis, _ files: ReportFiles) {
        users = analysis.population.users
        behaviours = analysis.population.behaviours.count
        prizes = analysis.population.prizes.count
        earned = analysis.population.behaviours.amount
        spent = analysis.population.prizes.amount
        self.files = analysis.input.files
        badLines = analysis.input.badLineCount
        badLineCauses = analysis.input.badLineCauses
        chosenK = analysis.segmentation?.chosenK
        segments = (analysis.segmentation?.segments ?? []).map {
            Segment(number: $0.number, name: $0.name, users: $0.users)
        }
        notices = analysis.input.notices
        written = files.paths
    }

    /// For people.
    package var text: String {
        var lines = [
            "\(NumberText.count(users, "user")), \(NumberText.count(behaviours, "behaviour")), "
                + "\(NumberText.count(prizes, "prize")) in \(NumberText.count(files, "file"))",
            "earned \(NumberText.tokens(earned)), spent \(NumberText.tokens(spent))",
        ]
        if badLines > 0 {
            lines.append("\(NumberText.count(badLines, "bad line")) left out; the report says where:")
            lines += badLineCauses.map { "  \($0.topic.rawValue): \($0.reason) (\(NumberText.whole($0.lines)))" }
        }
        lines += notices
        for segment in segments {
            lines.append("segment \(segment.number): \(segment.name), \(NumberText.count(segment.users, "user"))")
        }
        lines += written.enumerated().map { ($0.offset == 0 ? "report   " : "         ") + $0.element }
        return lines.map(PrintableText.escaping).joined(separator: "\n")
    }

    /// For scripts: one JSON object.
    package func json() throws(ReportError) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return SafeText.json(String(decoding: try encoder.encode(self), as: UTF8.self))
        } catch {
            throw .encoding(error)
        }
    }
}
