package import Analyzer
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
    ) throws(ReportError) -> ReportFiles {
        let page = try Report.html(result.analysis)
        let numbers = try Report.json(result.analysis)
        do {
            try disk.makeDirectory(FilePath(directory))
        } catch {
            throw .writing(directory, error)
        }
        let files = ReportFiles(directory: directory)
        let segments = SegmentsFile(result: result)
        let aggregates = AggregatesFile(result: result)
        try AtomicFiles(directory: FilePath(directory), disk: disk).write(
            [
                .init(name: "segments.csv", content: pieces(segments.head, segments.count, segments.line)),
                .init(name: "aggregates.csv", content: pieces(aggregates.head, aggregates.count, aggregates.lines)),
                .init(name: "report.json", content: pieces(numbers, 0) { _ in "" }),
                .init(name: "report.html", content: pieces(page, 0) { _ in "" }),
            ]
        )
        return files
    }

    /// A head, then a piece for each number below `count`.
    private static func pieces(_ head: String, _ count: Int, _ piece: @escaping (Int) -> String) -> () -> String? {
        var next = -1
        return {
            defer { next += 1 }
            if next < 0 { return head }
            return next < count ? piece(next) : nil
        }
    }
}
