import Analysis
import Files
import Foundation
import Pipeline
import PipelineTesting
import Report
import SystemPackage
import Testing

/// The files of a report on the disk.
@Suite(.timeLimit(.minutes(15))) struct ReportFilesTests {
    private static let analysis = Analysis(
        seed: 1,
        input: InputSummary(
            topicsDirectory: "raw_data",
            topics: [],
            badLines: [],
            badLineCauses: [],
            unknownFields: [],
            folds: [],
            rowsWithoutTime: 0,
            notices: []
        ),
        population: Population(
            users: 2,
            usersWithoutRecord: 0,
            replacedRecords: 0,
            earners: 0,
            spenders: 0,
            usersBelowZero: 0,
            behaviours: .zero,
            prizes: .zero,
            meanAge: nil
        ),
        timeline: [],
        partners: [PartnerTotals(partner: "HERA", rewards: .zero, prizes: .zero, earners: 0)],
        kinds: [],
        topUsers: [],
        ages: [],
        sexes: [],
        provinces: [],
        segmentation: nil
    )

    /// - Parameter failsAfter: how many users the engine gives before it fails; `nil` if it does not.
    private func result(failsAfter: Int? = nil) -> AnalysisResult {
        var one = EventTotals.zero
        one.count = 1
        let row = UserRow.ByPartner(rewards: .zero, prizes: one)
        let users = UserRows {
            var count = 0
            return { () async throws(AnalysisError) -> UserRow? in
                if count == failsAfter { throw AnalysisError(code: .unreadable, message: "the cluster is gone") }
                count += 1
                guard count <= 2 else { return nil }
                return UserRow(id: "HE_\(count)", segment: 0, sex: nil, age: nil, province: nil, partners: [row])
            }
        }
        return AnalysisResult(analysis: Self.analysis, users: users)
    }

    private func text(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    }

    @Test func allFilesAreWrittenAndNothingElse() async throws {
        let scratch = ScratchDirectory()
        let directory = scratch.path.appending("deep").appending("report")
        let files = try await ReportFiles.write(result(), to: directory.string)
        #expect(try Disk().names(in: directory) == ["aggregates.csv", "report.html", "report.json", "segments.csv"])
        #expect(try text(files.page) == Report.html(Self.analysis))
        #expect(try text(files.numbers) == Report.json(Self.analysis))
        #expect(try text(files.segments).hasPrefix(SegmentsFile(Self.analysis).head + "HE_1,0,"))
        let aggregates = "HE_1,HERA,0,0.00,1,0.00\r\nHE_2,HERA,0,0.00,1,0.00\r\n"
        #expect(try text(files.aggregates) == AggregatesFile(Self.analysis).head + aggregates)
    }

    /// An engine that loses its users half way, as a cluster may.
    @Test func usersThatCannotBeReadLeaveTheOldReport() async throws {
        let scratch = ScratchDirectory()
        let files = try await ReportFiles.write(result(), to: scratch.path.string)
        for path in files.paths { try Data("old".utf8).write(to: URL(fileURLWithPath: path)) }
        let error = await #expect(throws: ReportError.self) {
            try await ReportFiles.write(result(failsAfter: 1), to: scratch.path.string)
        }
        #expect(error?.code == .reading)
        #expect(error?.message == "the cluster is gone")
        for path in files.paths { #expect(try text(path) == "old") }
        #expect(try Disk().names(in: scratch.path).count == files.paths.count)
    }

    @Test(arguments: ["", "report.json"]) func whatCannotBeWrittenIsAnErrorWithAdvice(blocked: String) async throws {
        let scratch = ScratchDirectory()
        let directory = scratch.path.appending("report")
        if blocked.isEmpty {
            try Disk().replace(directory, with: [])
        } else {
            try Disk().makeDirectory(directory.appending(".\(blocked).tmp"))
        }
        let error = await #expect(throws: ReportError.self) {
            try await ReportFiles.write(result(), to: directory.string)
        }
        #expect(error?.code == .writing)
        #expect(
            error?.message.hasPrefix(
                "\(blocked.isEmpty ? directory : directory.appending(blocked)) could not be written"
            ) == true
        )
        #expect(error?.message.contains("--out") == true)
    }
}
