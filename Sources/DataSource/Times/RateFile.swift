import Files
import PlainText
import SystemPackage

/// Rates by time since the beginning, as a file of comma-separated values says. The last one holds without end.
///
///     at,rate          a header, or none
///     0s,100           from the beginning 100 records a second
///     8h,500           from eight hours on 500
///     20h,0            from twenty hours on none
package struct RateFile: Equatable, Sendable {
    package struct Row: Equatable, Sendable {
        /// Since the beginning.
        package let milliseconds: Int64
        package let recordsPerSecond: Int
    }

    package static let rowsMax = 100_000
    /// The greatest file that is read.
    package static let bytesMax = 4 << 20

    package let rows: [Row]

    /// Why a text says no rates.
    package struct Problem: Error, Equatable, CustomStringConvertible {
        package let description: String
    }

    /// Reads a file.
    package init(path: String) throws(Problem) {
        let bytes: [UInt8]
        do throws(FileError) {
            let file = try Disk().open(FilePath(path))
            bytes = try file.bytes(count: min(try file.size(), Self.bytesMax + 1))
        } catch {
            throw Problem(description: "\(error)")
        }
        let shown = PrintableText.escaping(path)
        guard bytes.count <= Self.bytesMax else {
            throw Problem(description: "the file of rates \(shown) has more than \(Self.bytesMax) bytes")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Problem(description: "the file of rates \(shown) is not text in UTF-8")
        }
        do {
            try self.init(csv: text)
        } catch {
            throw Problem(description: "the file of rates \(shown) cannot be used: \(error)")
        }
    }

    package init(csv text: String) throws(Problem) {
        var rows: [Row] = []
        for (index, line) in text.split(whereSeparator: \.isNewline).enumerated() {
            let fields = line.split(separator: ",", omittingEmptySubsequences: false).map { field in
                String(field).trimmed
            }
            if index == 0, fields.count == 2, Duration(text: fields[0]) == nil { continue }
            guard fields.count == 2, let time = Duration(text: fields[0]), let rate = Int(fields[1]),
                (0...Limits.rateMax).contains(rate)
            else {
                throw Problem(
                    description: "'\(PrintableText.escaping(String(line.prefix(80))))' is not a time and a rate, as in "
                        + "8h,500: times are 0s, 90s, 5m, 8h, 2d, rates 0 to \(Limits.rateMax) records a second"
                )
            }
            guard rows.last.map({ $0.milliseconds < time.milliseconds }) ?? (time == .zero) else {
                throw Problem(description: "its times have to begin with 0s and rise; '\(fields[0])' does not")
            }
            guard rows.count < Self.rowsMax else {
                throw Problem(description: "it has more than \(Self.rowsMax) rows")
            }
            rows.append(Row(milliseconds: time.milliseconds, recordsPerSecond: rate))
        }
        guard rows.contains(where: { $0.recordsPerSecond > 0 }) else {
            throw Problem(description: "it has no rate above 0; a row is a time and records a second, as in 0s,100")
        }
        self.rows = rows
    }

    func stretch(at time: Int64) -> (level: Double, end: Int64) {
        // The first row behind `time`, by halving.
        var (low, high) = (0, rows.count)
        while low < high {
            let middle = (low + high) / 2
            if rows[middle].milliseconds <= time { low = middle + 1 } else { high = middle }
        }
        let end = low < rows.count ? rows[low].milliseconds : .max
        return (Double(rows[low - 1].recordsPerSecond), end)
    }
}

extension String {
    /// Without spaces and tabs around it.
    fileprivate var trimmed: String {
        let rest = drop { $0 == " " || $0 == "\t" }
        return String(rest.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
}
