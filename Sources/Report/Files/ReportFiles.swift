package import Analysis
package import Files
import SystemPackage

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

    /// Writes all files of a report into a directory, which is made if need be. None is replaced unless all could be
    /// written; then each is in one step, the page last, so a page that is there has its files beside it.
    package static func write(
        _ result: AnalysisResult,
        to directory: String,
        disk: Disk = Disk()
    ) async throws(ReportError) -> ReportFiles {
        let page = try Report.html(result.analysis)
        let numbers = try Report.json(result.analysis)
        do {
            try disk.makeDirectory(FilePath(directory))
        } catch {
            throw .writing(directory, error)
        }
        let files = ReportFiles(directory: directory)
        let segments = SegmentsFile(analysis: result.analysis)
        let aggregates = AggregatesFile(analysis: result.analysis)
        try await AtomicFiles(directory: FilePath(directory), disk: disk).write(
            ["segments.csv", "aggregates.csv", "report.json", "report.html"]
        ) { drafts throws(ReportError) in
            try drafts[0].append(segments.head)
            try drafts[1].append(aggregates.head)
            var rows = result.users.makeAsyncIterator()
            while let user = try await next(&rows) {
                try drafts[0].append(segments.line(user))
                try drafts[1].append(aggregates.lines(user))
            }
            try drafts[2].append(numbers)
            try drafts[3].append(page)
        }
        return files
    }

    private static func next(_ rows: inout UserRows.AsyncIterator) async throws(ReportError) -> UserRow? {
        do {
            return try await rows.next()
        } catch {
            throw .reading(error)
        }
    }
}
