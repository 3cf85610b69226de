import Analysis
import Files
import Foundation
import PipelineTesting
import Report
import SystemPackage
import Testing

/// The files beside the page.
@Suite(.timeLimit(.minutes(5))) struct ReportFilesTests {
    private func text(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    }

    @Test func allFilesAreWrittenAndNothingElse() async throws {
        try await withTemporaryDirectory { root in
            let result = try await SampleZone.analyze(root)
            let directory = root.appending("deep").appending("report").string
            let files = try await ReportFiles.write(result, to: directory)
            let names = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
            #expect(names == ["aggregates.csv", "report.html", "report.json", "segments.csv"])
            #expect(try text(files.page) == Report.html(result.analysis))
            let decoded = try JSONDecoder().decode(Analysis.self, from: Data(text(files.numbers).utf8))
            #expect(decoded == result.analysis)
        }
    }

    @Test func leftoverOfACrashGoesWithTheNextReport() async throws {
        try await withTemporaryDirectory { root in
            let result = try await SampleZone.analyze(root)
            let directory = root.appending("report")
            let files = try await ReportFiles.write(result, to: directory.string)
            let leftover = directory.appending(".report.html.tmp").string
            try "half a page that is longer".write(toFile: leftover, atomically: false, encoding: .utf8)
            _ = try await ReportFiles.write(result, to: directory.string)
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory.string).count == files.paths.count)
            #expect(try text(files.page) == Report.html(result.analysis))
        }
    }

    /// Whichever file it is that cannot be written.
    @Test(arguments: ["segments.csv", "aggregates.csv", "report.json", "report.html"])
    func reportIsReplacedAsAWholeOrNotAtAll(blocked: String) async throws {
        try await withTemporaryDirectory { root in
            let result = try await SampleZone.analyze(root)
            let directory = root.appending("report").string
            let files = try await ReportFiles.write(result, to: directory)
            for path in files.paths { try Data("old".utf8).write(to: URL(fileURLWithPath: path)) }
            // A directory with the name of the file that the bytes go to first.
            let temporary = "\(directory)/.\(blocked).tmp"
            try FileManager.default.createDirectory(atPath: temporary, withIntermediateDirectories: false)
            let error = await #expect(throws: ReportError.self) { try await ReportFiles.write(result, to: directory) }
            #expect(error?.message.contains("\(directory)/\(blocked)") == true)
            for path in files.paths { #expect(try text(path) == "old") }
            let names = try FileManager.default.contentsOfDirectory(atPath: directory)
            #expect(names.count == files.paths.count + 1, "nothing is left behind")
        }
    }

    /// A disk that takes the bytes and fails when they are forced to the device, or when a file gets its name.
    @Test(arguments: [true, false]) func reportOnAFailingDiskLeavesTheOldOne(failsAtFlush: Bool) async throws {
        try await withTemporaryDirectory { root in
            let result = try await SampleZone.analyze(root)
            let directory = root.appending("report").string
            let files = try await ReportFiles.write(result, to: directory)
            for path in files.paths { try Data("old".utf8).write(to: URL(fileURLWithPath: path)) }
            var calls = DiskCalls.system
            if failsAtFlush {
                calls.synchronize = { _ throws(Errno) in throw .ioError }
            } else {
                calls.rename = { _, _ throws(Errno) in throw .ioError }
            }
            let disk = Disk(calls: calls)
            let error = await #expect(throws: ReportError.self) {
                try await ReportFiles.write(result, to: directory, disk: disk)
            }
            #expect(error?.message.contains("\(directory)/segments.csv") == true)
            for path in files.paths { #expect(try text(path) == "old") }
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory).count == files.paths.count)
        }
    }

    /// An engine that loses its users half way, as a cluster may.
    @Test func usersThatCannotBeReadLeaveTheOldReport() async throws {
        try await withTemporaryDirectory { root in
            let result = try await SampleZone.analyze(root)
            let directory = root.appending("report").string
            let files = try await ReportFiles.write(result, to: directory)
            for path in files.paths { try Data("old".utf8).write(to: URL(fileURLWithPath: path)) }
            let broken = UserRows {
                var left = 3
                var rows = result.users.makeAsyncIterator()
                return { () async throws(AnalysisError) -> UserRow? in
                    left -= 1
                    guard left >= 0 else { throw AnalysisError(code: .unreadable, message: "the cluster is gone") }
                    return try await rows.next()
                }
            }
            let error = await #expect(throws: ReportError.self) {
                try await ReportFiles.write(AnalysisResult(analysis: result.analysis, users: broken), to: directory)
            }
            #expect(error?.code == .reading)
            #expect(error?.message == "the cluster is gone")
            for path in files.paths { #expect(try text(path) == "old") }
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory).count == files.paths.count)
        }
    }

    @Test func segmentsHaveALineAUser() async throws {
        try await withTemporaryDirectory { root in
            let result = try await SampleZone.analyze(root)
            let files = try await ReportFiles.write(result, to: root.appending("report").string)
            let lines = try text(files.segments).split(separator: "\r\n").map(String.init)
            #expect(lines.count == 1 + 9)
            #expect(
                lines[0]
                    == "id_utente,segment,segment_name,Sesso,Eta,Provincia,TOT_tk_guadagnati,TOT_tk_spesi,saldo_tk,"
                    + "comportamenti,premi,\"<script>alert(\"\"1\"\")</script> & 'co'_FIDELITY(%)\",CAMST_FIDELITY(%),"
                    + "CONAD_FIDELITY(%),HERA_FIDELITY(%)"
            )
            let segment = try await result.users.reduce(into: []) { $0.append($1) }[8].segment
            let name = result.analysis.segmentation?.segments.first { $0.number == segment }?.name
            // No record: sex, age and province are empty.
            #expect(
                lines[9] == "HE_9,\(segment),\(name ?? ""),,,,3.35,0.00,3.35,2,0,52.24,0.00,0.00,47.76"
            )
        }
    }

    @Test func aggregatesHaveALineAUserAndPartner() async throws {
        try await withTemporaryDirectory { root in
            let result = try await SampleZone.analyze(root)
            let files = try await ReportFiles.write(result, to: root.appending("report").string)
            let lines = try text(files.aggregates).split(separator: "\r\n").map(String.init)
            #expect(lines[0] == "id_utente,Partner_erogante,comportamenti,sum_reward(tk),premi,sum_prezzo(tk)")
            #expect(lines[1] == "HE_1,CONAD,1,2.85,0,0.00")
            #expect(lines.contains("HE_8,CAMST,0,0.00,1,5.00"))
            #expect(lines.contains("HE_8,HERA,5,14.25,0,0.00"))
        }
    }

    @Test func aReportReplacesTheOneBefore() async throws {
        try await withTemporaryDirectory { root in
            let result = try await SampleZone.analyze(root)
            let directory = root.appending("report").string
            let files = try await ReportFiles.write(result, to: directory)
            try Data("old".utf8).write(to: URL(fileURLWithPath: files.page))
            _ = try await ReportFiles.write(result, to: directory)
            #expect(try text(files.page).hasPrefix("<!DOCTYPE html>"))
        }
    }

    @Test func directoryThatCannotBeIsAnErrorWithAdvice() async throws {
        try await withTemporaryDirectory { root in
            let result = try await SampleZone.analyze(root)
            let file = root.appending("file").string
            try Data().write(to: URL(fileURLWithPath: file))
            let error = await #expect(throws: ReportError.self) { try await ReportFiles.write(result, to: file) }
            #expect(error?.code == .writing)
            #expect(error?.message.contains(file) == true)
            #expect(error?.message.contains("--out") == true)
        }
    }

    @Test func summarySaysTheSameToPeopleAndScripts() async throws {
        try await withTemporaryDirectory { root in
            let result = try await SampleZone.analyze(root)
            let files = ReportFiles(directory: "out/")
            let summary = ReportSummary(result.analysis, files)
            #expect(
                summary.text.hasPrefix(
                    "9 users, 38 behaviours, 1 prize in 4 files\nearned 105.95\u{A0}tk, spent 5.00\u{A0}tk"
                )
            )
            #expect(summary.text.contains("report   out/report.html"))
            #expect(summary.text.contains("1 bad line left out"))
            let decoded = try JSONDecoder().decode(ReportSummary.self, from: Data(summary.json().utf8))
            #expect(decoded == summary)
        }
    }
}
