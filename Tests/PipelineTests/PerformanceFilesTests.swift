import DataSource
import Foundation
import PipelineTesting
import Report
import SystemPackage
import Testing

@testable import Pipeline

/// The files of a performance test.
@Suite struct PerformanceFilesTests {
    /// As another program would have read it from `--json`.
    private func report() throws -> PerformanceReport {
        func step(_ producers: Int, _ rest: String) -> String {
            """
            {"settings": {"producers": \(producers), "recordBytes": 150, "acks": "all", "compression": "lz4",
            "batchBytes": 1000000, "lingerMilliseconds": 5}, \(rest)}
            """
        }
        let measured = """
            "records": 5000000, "elapsedSeconds": 5.0001, "recordsPerSecond": 999980.0004, "megabytesPerSecond": 149.997,
            "latencyMilliseconds": {"p50": 1.5, "p99": 12.25, "p999": 20}, "processorsBusy": 1.25
            """
        let failed = """
            "failure": "cannot write, \\"x\\"", "records": 0, "elapsedSeconds": 0, "recordsPerSecond": 0,
            "megabytesPerSecond": 0, "processorsBusy": 0
            """
        let text = """
            {"bootstrap": ["kafka:9092"], "topic": "perf", "partitions": 6, "elapsedSeconds": 12, "stepsLeftOut": 0,
            "knee": "The knee is at 1 producer.", "steps": [\(step(1, measured)), \(step(2, failed))]}
            """
        return try JSONDecoder().decode(PerformanceReport.self, from: Data(text.utf8))
    }

    @Test func csvHasALineForEachStep() throws {
        let lines = [
            "producers,record_bytes,acks,compression,batch_bytes,linger_ms,records,seconds,records_per_second,"
                + "megabytes_per_second,p50_ms,p99_ms,p999_ms,processors_busy,failure",
            "1,150,all,lz4,1000000,5,5000000,5.0,999980.0,149.997,1.5,12.25,20.0,1.25,",
            #"2,150,all,lz4,1000000,5,,,,,,,,,"cannot write, ""x""""#,
        ]
        #expect(PerformanceFiles.csv(try report()) == lines.map { $0 + "\r\n" }.joined())
    }

    @Test func bothFilesAreWritten() async throws {
        try await withTemporaryDirectory { directory in
            let files = try await PerformanceFiles.write(try report(), to: directory.appending("new/perf").string)
            #expect(files.page == "\(directory)/new/perf/performance.html")
            let page = try String(contentsOfFile: files.page, encoding: .utf8)
            for text in ["The knee is at 1 producer.", "999,980", "12.25", "kafka:9092", "cannot write, &quot;x&quot;"]
            {
                #expect(page.contains(text), "\(text)")
            }
            let lines = try String(contentsOfFile: files.steps, encoding: .utf8)
            #expect(lines == PerformanceFiles.csv(try report()))
        }
    }

    @Test func placeThatCannotBeIsSaid() async throws {
        let report = try report()
        await #expect {
            try await PerformanceFiles.write(report, to: "/dev/null/perf")
        } throws: { error in
            (error as? ReportError)?.code == .writing && "\(error)".contains("--out")
        }
        #expect(throws: ReportError.self) { try PerformanceFiles.prepare("/dev/null/perf") }
    }
}
