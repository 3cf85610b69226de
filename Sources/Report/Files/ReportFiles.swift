package import Analyzer
import Foundation

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

    /// Writes all files of a report into a directory, which is made if need be. Each file is replaced in one step, the
    /// page last, so a page that is there has its files beside it.
    package static func write(_ result: AnalysisResult, to directory: String) throws(ReportError) -> ReportFiles {
        let page = try Report.html(result.analysis)
        let numbers = try Report.json(result.analysis)
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        } catch {
            throw .writing(directory, error.localizedDescription)
        }
        let files = ReportFiles(directory: directory)
        let segments = SegmentsFile(result: result)
        try AtomicFile.write(files.segments, pieces(segments.head, segments.count, segments.line))
        let aggregates = AggregatesFile(result: result)
        try AtomicFile.write(files.aggregates, pieces(aggregates.head, aggregates.count, aggregates.lines))
        try AtomicFile.write(files.numbers, pieces(numbers, 0) { _ in "" })
        try AtomicFile.write(files.page, pieces(page, 0) { _ in "" })
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
