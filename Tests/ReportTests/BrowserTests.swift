import Analysis
import Foundation
import PipelineTesting
import Report
import SystemPackage
import Testing

/// The page in Chromium: on a phone and on paper.
@Suite(.timeLimit(.minutes(15))) struct BrowserTests {
    private let folder = ScratchDirectory()

    private func page() async throws -> String {
        try await withTemporaryDirectory { root in
            try Report.html(try await SampleZone.analyze(root).analysis)
        }
    }

    /// Shows `page` in a browser that reaches no other machine.
    private func show(_ page: String, _ arguments: [String]) async throws -> ProgramResult {
        let file = folder.path.appending("page.html").string
        try page.write(toFile: file, atomically: true, encoding: .utf8)
        // Chromium's sandbox does not work for the superuser, and what it shows here is ours.
        let sandbox = getuid() == 0 ? ["--no-sandbox"] : []
        let result = try await runProgram(
            BuiltPackage.systemProgram("chromium"),
            arguments: sandbox + [
                "--headless", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                "--user-data-dir=\(folder.path.appending("profile"))", "--host-resolver-rules=MAP * ~NOTFOUND",
                "--enable-logging=stderr",
            ] + arguments + ["file://" + file]
        )
        try #require(result.status == .exited(0), "\(result.errorText)")
        #expect(!result.errorText.contains("CONSOLE"), "\(result.errorText)")
        return result
    }

    /// A window cannot be as narrow as a phone, a frame can.
    @Test func pageFitsAPhoneAndLoadsNothing() async throws {
        try await expectFitsAPhone(try await page())
    }

    @Test func pageOfAPerformanceTestFitsAPhoneAndLoadsNothing() async throws {
        try await expectFitsAPhone(try Report.html(PerformancePageTests.figures(curves: 8)))
    }

    private func expectFitsAPhone(_ page: String) async throws {
        let content = page.replacing("&", with: "&amp;").replacing("\"", with: "&quot;")
        let frame = """
            <!doctype html><meta charset="utf-8">
            <iframe width="390" height="844" style="border:0" srcdoc="\(content)"></iframe>
            <script>
            addEventListener("load", () => {
              const page = frames[0].document.documentElement;
              const requests = frames[0].performance.getEntriesByType("resource").length;
              const isRead = page.scrollHeight > 844 && frames[0].document.querySelector("svg.chart") !== null;
              document.body.dataset.seen =
                `width ${frames[0].innerWidth}, beyond ${page.scrollWidth - page.clientWidth}, `
                + `requests ${requests}, read ${isRead}`;
            });
            </script>
            """
        let document = try await show(frame, ["--dump-dom"]).text
        let seen = document.firstMatch(of: /data-seen="([^"]*)"/).map { String($0.1) }
        #expect(seen == "width 390, beyond 0, requests 0, read true")
    }

    @Test func pageIsPrinted() async throws {
        let paper = folder.path.appending("page.pdf")
        _ = try await show(try await page(), ["--print-to-pdf=\(paper)"])
        let content = String(
            decoding: try Data(contentsOf: URL(fileURLWithPath: paper.string)),
            as: Unicode.ASCII.self
        )
        #expect(content.hasPrefix("%PDF-"))
        let pages = content.matches(of: /\/Type \/Page\n/).count
        #expect((2...20).contains(pages), "\(pages) pages")
    }
}
