import Analysis
import Files
import Foundation
import PipelineTesting
import Report
import SystemPackage
import Testing

/// The files of users beside the page, and the summary.
@Suite(.timeLimit(.minutes(15))) struct UserFilesTests {
    @Test func segmentsHaveALineAUser() async throws {
        try await withTemporaryDirectory { root in
            let result = try await SampleZone.analyze(root)
            let lines = try await result.csv().segments.split(separator: "\r\n").map(String.init)
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
            let lines = try await result.csv().aggregates.split(separator: "\r\n").map(String.init)
            #expect(lines[0] == "id_utente,Partner_erogante,comportamenti,sum_reward(tk),premi,sum_prezzo(tk)")
            #expect(lines[1] == "HE_1,CONAD,1,2.85,0,0.00")
            #expect(lines.contains("HE_8,CAMST,0,0.00,1,5.00"))
            #expect(lines.contains("HE_8,HERA,5,14.25,0,0.00"))
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
