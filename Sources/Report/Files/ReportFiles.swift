/// The files of a report, in one directory.
package struct ReportFiles: Equatable, Sendable {
    /// `report.html`, the page.
    package let page: String
    /// `report.json`, all numbers.
    package let numbers: String
    /// `segments.csv`, one line a user.
    package let segments: String
    /// `aggregates.csv`, one line a user and partner.
    package let aggregates: String

    package init(directory: String) {
        let base = directory.hasSuffix("/") ? String(directory.dropLast()) : directory
        page = base + "/report.html"
        numbers = base + "/report.json"
        segments = base + "/segments.csv"
        aggregates = base + "/aggregates.csv"
    }

    /// All paths, the page first.
    package var paths: [String] { [page, numbers, segments, aggregates] }
}
