package import Analysis
import Foundation
import Mustache

/// Makes the report of an analysis: pure, values in and text out.
package enum Report {
    /// The page: one file that needs nothing else, neither network nor fonts.
    package static func html(_ analysis: Analysis) throws(ReportError) -> String {
        let library = try PageTemplates.library()
        guard let page = library.render(PageContent(analysis), withTemplate: "page") else {
            throw .template("page", "it is not registered")
        }
        return SafeText.lines(page)
    }

    /// All numbers as JSON, keys sorted, so that equal analyses are equal files.
    package static func json(_ analysis: Analysis) throws(ReportError) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            return SafeText.json(String(decoding: try encoder.encode(analysis), as: UTF8.self)) + "\n"
        } catch {
            throw .encoding(error)
        }
    }
}
