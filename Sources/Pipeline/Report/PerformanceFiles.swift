package import DataSource
package import Files
import PlainText
package import Report
import SystemPackage

/// The files of a performance test: a page, and one line a step for programs.
///
/// `performance.csv` has these columns; figures of a step that failed are empty:
///
/// | column | holds |
/// | --- | --- |
/// | `producers`, `record_bytes`, `acks`, `compression`, `batch_bytes`, `linger_ms` | what the step was made with |
/// | `records`, `seconds` | records that were acknowledged while it was measured, and how long that was |
/// | `records_per_second`, `megabytes_per_second` | the rates; of values alone, 1 MB being a million bytes |
/// | `p50_ms`, `p99_ms`, `p999_ms` | from handing a record over to its acknowledgement |
/// | `processors_busy` | processors that the program kept busy |
/// | `failure` | why the step failed |
package struct PerformanceFiles: Equatable, Sendable {
    package let page: String
    package let steps: String

    package init(directory: String) {
        let base = directory.hasSuffix("/") ? String(directory.dropLast()) : directory
        page = base + "/performance.html"
        steps = base + "/performance.csv"
    }

    /// Makes the directory if need be: a test whose files have no place would be made in vain.
    ///
    /// - Throws: `ReportError`.
    package static func prepare(_ directory: String, disk: Disk = Disk()) throws(ReportError) {
        do throws(FileError) {
            try disk.makeDirectory(FilePath(directory))
        } catch {
            throw .writing(error.path.string, error.reason)
        }
    }

    /// Writes both into a directory, which is made if need be; neither is replaced unless both could be written.
    ///
    /// - Throws: `ReportError`.
    package static func write(
        _ report: PerformanceReport,
        to directory: String,
        disk: Disk = Disk()
    ) async throws -> PerformanceFiles {
        let page = try Report.html(PerformanceFigures(report))
        let files = PerformanceFiles(directory: directory)
        try prepare(directory, disk: disk)
        do {
            let names = [files.steps, files.page].compactMap { FilePath($0).lastComponent?.string }
            try await ReplacementFiles(in: FilePath(directory), disk: disk).write(names) { drafts in
                try drafts[0].append(csv(report))
                try drafts[1].append(page)
            }
        } catch let error as FileError {
            throw ReportError.writing(error.path.string, error.reason)
        }
        return files
    }

    static func csv(_ report: PerformanceReport) -> String {
        let head = [
            "producers", "record_bytes", "acks", "compression", "batch_bytes", "linger_ms", "records", "seconds",
            "records_per_second", "megabytes_per_second", "p50_ms", "p99_ms", "p999_ms", "processors_busy", "failure",
        ]
        return CSVText.line(head.map { .text($0) }) + report.steps.map { CSVText.line(cells($0)) }.joined()
    }

    private static func cells(_ step: PerformanceMeasurement) -> [CSVText.Cell] {
        let settings = step.settings
        func number(_ value: Double?) -> CSVText.Cell {
            .number(step.failure == nil ? value.map { "\(($0 * 1_000).rounded() / 1_000)" } ?? "" : "")
        }
        return [
            .number("\(settings.producers)"), .number("\(settings.recordBytes)"), .text(settings.acks),
            .text(settings.compression), .number("\(settings.batchBytes)"), .number("\(settings.lingerMilliseconds)"),
            .number(step.failure == nil ? "\(step.records)" : ""), number(step.elapsedSeconds),
            number(step.recordsPerSecond), number(step.megabytesPerSecond),
            number(step.latencyMilliseconds?.p50), number(step.latencyMilliseconds?.p99),
            number(step.latencyMilliseconds?.p999), number(step.processorsBusy), .text(step.failure ?? ""),
        ]
    }
}

extension PerformanceFigures {
    /// What the page says of a test.
    init(_ report: PerformanceReport) {
        let measured = report.steps.filter { $0.failure == nil }
        let knee = PerformanceKnee(report.steps).step
        self.init(
            headline: report.knee,
            story: [
                "\(NumberText.count(report.steps.count, "step")) in "
                    + "\(NumberText.decimal(report.elapsedSeconds, decimals: 0)) s, to \(report.topic) "
                    + "(\(NumberText.count(report.partitions, "partition"))) at "
                    + "\(report.bootstrap.joined(separator: ", "))."
            ],
            notices: report.notices,
            tiles: Self.tiles(measured),
            charts: [
                Chart(
                    title: "Records a second",
                    takeaway: "What the cluster acknowledged, by the number of producers that send at once.",
                    horizontal: "producers",
                    vertical: "records/s",
                    curves: Self.curves(measured) { $0.recordsPerSecond },
                    mark: knee.map { (Self.point($0, $0.recordsPerSecond), "knee: \($0.settings.producers)") }
                ),
                Chart(
                    title: "Latency, p99",
                    takeaway: "How long 99 of 100 records waited for their acknowledgement at most.",
                    horizontal: "producers",
                    vertical: "ms",
                    curves: Self.curves(measured) { $0.latencyMilliseconds?.p99 }
                ),
            ],
            textColumns: Array(PerformanceReport.settingColumns.prefix(1)),
            numberColumns: Array(PerformanceReport.columns.dropFirst()),
            rows: report.rows,
            facts: Self.facts
        )
    }

    private static func point(_ step: PerformanceMeasurement, _ y: Double) -> Point {
        Point(x: Double(step.settings.producers), y: y)
    }

    /// A curve for each series of steps that differ in the number of producers alone.
    private static func curves(
        _ steps: [PerformanceMeasurement],
        _ value: (PerformanceMeasurement) -> Double?
    ) -> [Curve] {
        var allSeries: [[PerformanceMeasurement]] = []
        for step in steps {
            if let known = allSeries.firstIndex(where: { $0[0].settings.isOfSeries(step.settings) }) {
                allSeries[known].append(step)
            } else {
                allSeries.append([step])
            }
        }
        return allSeries.map { series in
            let points = series.sorted { $0.settings.producers < $1.settings.producers }
                .compactMap { step in value(step).map { point(step, $0) } }
            return Curve(name: series[0].settings.words(among: steps.map(\.settings)), points: points)
        }
    }

    private static func tiles(_ steps: [PerformanceMeasurement]) -> [Tile] {
        guard let best = steps.max(by: { $0.recordsPerSecond < $1.recordsPerSecond }), best.records > 0 else {
            return []
        }
        let producers = NumberText.count(best.settings.producers, "producer")
        let latencies = best.latencyMilliseconds.map { latency in
            [("p50", latency.p50), ("p99", latency.p99), ("p99.9", latency.p999)].map { name, value in
                Tile(
                    name: "Latency \(name)",
                    figure: "\(NumberText.decimal(value, decimals: 1)) ms",
                    note: "at that rate"
                )
            }
        }
        return [
            Tile(
                name: "Greatest rate",
                figure: NumberText.whole(Int(best.recordsPerSecond.rounded())),
                note: "records/s with \(producers)"
            ),
            Tile(
                name: "Bytes",
                figure: "\(NumberText.decimal(best.megabytesPerSecond, decimals: 1)) MB/s",
                note: "of values"
            ),
        ] + (latencies ?? []) + [
            Tile(
                name: "Processors",
                figure: NumberText.decimal(best.processorsBusy, decimals: 2),
                note: "kept busy by the load"
            )
        ]
    }

    private static let facts = [
        (
            name: "A step",
            value:
                "Producers send records of one size as fast as they are taken. After a warm-up, acknowledged records "
                + "are counted for the time of the step; what is on its way then is dropped."
        ),
        (
            name: "Records",
            value: "Pieces of the community's events, so that they compress as these do. They have no key: librdkafka "
                + "spreads them over the partitions, a batch at a time."
        ),
        (
            name: "Latency",
            value:
                "From handing a record to the producer to its acknowledgement, so it holds the time in the producer's "
                + "queue, which a load that is faster than the cluster keeps full. At most 32,768 records and 64 MiB are "
                + "on their way, shared by all producers. Without acknowledgements (acks 0) it ends with the sending."
        ),
        (
            name: "CPUs",
            value: "Processors that the program that sends kept busy. A cluster on the same machine has the others."
        ),
        (
            name: "Knee",
            value:
                "The fewest producers that reach nine tenths of the greatest rate, of the settings with the greatest rate."
        ),
    ]
}
