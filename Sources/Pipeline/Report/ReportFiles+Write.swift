package import Analysis
package import Files
package import Report
import SystemPackage

extension ReportFiles {
    /// Writes all files of a report into a directory, which is made if need be. None is replaced unless all could be
    /// written; then each is in one step, the page last, so a page that is there has its files beside it.
    ///
    /// - Throws: `ReportError`.
    package static func write(
        _ result: AnalysisResult,
        to directory: String,
        disk: Disk = Disk()
    ) async throws -> ReportFiles {
        let page = try Report.html(result.analysis)
        let numbers = try Report.json(result.analysis)
        let files = ReportFiles(directory: directory)
        let segments = SegmentsFile(result.analysis)
        let aggregates = AggregatesFile(result.analysis)
        do {
            try disk.makeDirectory(FilePath(directory))
            let paths = [files.segments, files.aggregates, files.numbers, files.page]
            try await ReplacementFiles(in: FilePath(directory), disk: disk).write(
                paths.compactMap { FilePath($0).lastComponent?.string }
            ) { drafts in
                try drafts[0].append(segments.head)
                try drafts[1].append(aggregates.head)
                for try await user in result.users {
                    try drafts[0].append(segments.line(user))
                    try drafts[1].append(aggregates.lines(user))
                }
                try drafts[2].append(numbers)
                try drafts[3].append(page)
            }
        } catch let error as FileError {
            throw ReportError.writing(error.path.string, error.reason)
        } catch let error as AnalysisError {
            throw ReportError.reading(error)
        }
        return files
    }
}
