import Files
import PlainText
import SystemPackage

/// The file of a source's metrics: comma-separated values, a header and a row every so often, as the original has them.
///
/// ```
/// connection-close-rate,connection-creation-rate,…,metadata-age␍␊
/// 0.0,0.033333,…,29.5␍␊
/// ```
///
/// A header of 34 names (``MetricsColumn``, in that order), then rows of 34 numbers in Python's form, of which some are
/// empty. Lines end as the file's first line does; those of a new file with CRLF, as Python's `csv` writes them.
///
/// A file that is there is appended to if its first line is that header, or a row: the original's file is one. Another
/// one is refused, and left as it is. A last line without a line end gets one first. Each row is one write at the end of
/// the file, and what was written of one that fails is cut off again.
struct MetricsFile: Sendable {
    private enum Limits {
        /// Bytes within which the first line has to end: the header has 640.
        static let firstLineBytes = 8_192
        /// Characters of a name from outside that are shown.
        static let shownCharacters = 40
    }

    private static let columns = MetricsColumn.allCases.map(\.rawValue)

    private let file: OpenFile
    private let lineEnd: String

    /// Opens the file, makes it where there is none, and writes the header into an empty one.
    ///
    /// - Throws: `DataSourceError` where it cannot be written, or has another header.
    init(path: String, disk: Disk = Disk()) throws(DataSourceError) {
        do throws(FileError) {
            file = try disk.open(FilePath(path), .readWrite, options: [.create, .append])
            let size = try file.size()
            let head = try file.bytes(count: min(size, Limits.firstLineBytes))
            guard size > 0 else {
                lineEnd = "\r\n"
                try append(Self.columns.joined(separator: ",") + lineEnd)
                return
            }
            let end = head.firstIndex(of: UInt8(ascii: "\n"))
            let isWhole = end != nil || size <= Limits.firstLineBytes
            if let problem = isWhole ? Self.problem(ofFirstLine: head[..<(end ?? head.endIndex)]) : "is no header" {
                throw FileError(
                    .inTheWay,
                    file.path,
                    "\(path) is not a file of the source's metrics: its first line \(problem)",
                    cure: "Give another file, or move this one away"
                )
            }
            let isUnix = end.map { $0 == head.startIndex || head[$0 - 1] != UInt8(ascii: "\r") } ?? false
            lineEnd = isUnix ? "\n" : "\r\n"
            let last = try file.bytes(at: size - 1, count: 1)
            if last != [UInt8(ascii: "\n")] { try append(lineEnd) }
        } catch {
            guard error.code == .notFound else { throw .metrics(error) }
            throw .metrics(FileError(.notFound, error.path, error.reason, cure: "Make its directory first"))
        }
    }

    /// Appends a row.
    func append(_ row: MetricsRow) throws(DataSourceError) {
        do throws(FileError) {
            try append(Self.line(row) + lineEnd)
        } catch {
            throw .metrics(error)
        }
    }

    private func append(_ text: String) throws(FileError) {
        try file.write(Array(text.utf8).span.bytes, at: try file.size())
    }

    /// A row without its line end.
    static func line(_ row: MetricsRow) -> String {
        MetricsColumn.allCases.map { row[$0].map(number) ?? "" }.joined(separator: ",")
    }

    /// A number as Python reads and writes it, to a millionth.
    private static func number(_ value: Double) -> String {
        let millionths = (value * 1_000_000).rounded() / 1_000_000
        return millionths.isFinite ? "\(millionths)" : "\(value)"
    }

    /// Why a first line is neither the header nor a row, as the end of "its first line …"; `nil` where it is one.
    private static func problem(ofFirstLine bytes: ArraySlice<UInt8>) -> String? {
        var line = String(decoding: bytes, as: UTF8.self)
        if line.hasPrefix("\u{FEFF}") { line.removeFirst() }
        let blanks: Set<Character> = [" ", "\t", "\r", "\""]
        let cells = line.split(separator: ",", omittingEmptySubsequences: false).map { cell in
            String(String(cell.drop { blanks.contains($0) }.reversed()).drop { blanks.contains($0) }.reversed())
        }
        guard cells.count == columns.count else {
            return "has \(NumberText.count(cells.count, "column")), and theirs has \(columns.count)"
        }
        if cells.allSatisfy({ $0.isEmpty || Double($0) != nil }) { return nil }
        for (number, (cell, column)) in zip(cells, columns).enumerated() where cell != column {
            let shown = PrintableText.escaping(String(cell.prefix(Limits.shownCharacters)))
            return "has '\(shown)' in column \(number + 1), and theirs has '\(column)'"
        }
        return nil
    }
}
