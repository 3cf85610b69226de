import Analysis
import Foundation
import FoundationXML
import PipelineTesting
import Report
import Testing

/// The page as a browser gets it.
@Suite(.timeLimit(.minutes(15))) struct ReportPageTests {
    private func page() async throws -> String {
        try await withTemporaryDirectory { root in
            try Report.html(try await SampleZone.analyze(root).analysis)
        }
    }

    @Test func pageNeedsNothingFromElsewhere() async throws {
        let page = try await page()
        for match in page.matches(of: /(?:src|href|srcset|action|data)\s*=\s*["']?([^"'\s>]*)/) {
            #expect(match.1.hasPrefix("#m"), "\(match.0)")
        }
        for forbidden in ["http:", "https:", "//", "url(", "@import", "<link", "<script", "<iframe", "<img", "<object"]
        {
            #expect(!page.contains(forbidden), "\(forbidden)")
        }
    }

    @Test func everyTextOfTheDataIsEscaped() async throws {
        let page = try await page()
        #expect(page.contains("&lt;script&gt;alert("))
        #expect(!page.contains("<script"))
        #expect(!page.contains("alert(\""))
    }

    @Test func everyPictureIsWellFormed() async throws {
        let pictures = try await page().matches(of: /<svg.*?<\/svg>/).map { String($0.0) }
        #expect(pictures.count { $0.contains("class=\"chart\"") } == 5)
        for picture in pictures {
            let parser = XMLParser(data: Data(picture.utf8))
            #expect(parser.parse(), "\(parser.parserError.map { "\($0)" } ?? ""): \(picture.prefix(200))")
        }
    }

    @Test func everyChartIsToldInWords() async throws {
        let page = try await page()
        for match in page.matches(of: /<svg class="chart"[^>]*aria-labelledby="([^" ]+) ([^" ]+)">/) {
            for id in [match.1, match.2] {
                let texts = page.matches(of: try Regex("id=\"\(id)\">[^<]+<"))
                #expect(texts.count == 1, "\(id)")
            }
        }
        #expect(page.matches(of: /role="img"/).count == 5)
    }

    @Test func noCoordinateIsOutsideItsChart() async throws {
        let number = /(?:\s)(x|y|x1|x2|y1|y2|cx|cy)="(-?[0-9.]+)"/
        for picture in try await page().matches(of: /<svg class="chart" viewBox="0 0 (\d+) (\d+)".*?<\/svg>/) {
            let width = try #require(Double(picture.1))
            let height = try #require(Double(picture.2))
            for match in picture.0.matches(of: number) {
                let value = try #require(Double(match.2))
                #expect((0...(match.1.contains("x") ? width : height)).contains(value), "\(match.0)")
            }
        }
    }

    @Test func everyTableHasCaptionAndScopes() async throws {
        let tables = try await page().matches(of: /(?s)<table>.*?<\/table>/).map { String($0.0) }
        #expect(tables.count == 9)
        for table in tables {
            #expect(table.contains("<caption>"))
            #expect(table.matches(of: /<th(?! scope=)[ >]/).isEmpty)
            let widths = Set(table.matches(of: /(?s)<tr>.*?<\/tr>/).map { $0.0.matches(of: /<t[hd][ >]/).count })
            #expect(widths.count == 1, "rows of different length in \(table.prefix(120))")
        }
    }

    @Test func pageSaysWhatWasLeftOut() async throws {
        let page = try await page()
        #expect(page.contains("1 line could not be read and is left out"))
        #expect(page.contains("utenti/2021/03/24/11/utenti_0_0_2.json:9"))
        #expect(page.contains("Users with events but no record in utenti"))
    }

    @Test func oneEventWithoutATimeIsToldInTheSingular() async throws {
        let page = try await withTemporaryDirectory { root in
            try SampleZone.writeWithoutTime(root)
            return try Report.html(try await SampleZone.analyze(root).analysis)
        }
        #expect(page.contains("1 event lies in directories that name no hour or day and is missing from"))
    }

    @Test func pageFitsPhonePaperAndDarkness() async throws {
        let page = try await page()
        #expect(page.contains(#"<meta name="viewport" content="width=device-width, initial-scale=1">"#))
        for rule in ["@media print", "prefers-color-scheme:dark", "max-width:560px", "break-inside:avoid"] {
            #expect(page.contains(rule))
        }
    }

    @Test func largestScatterKeepsThePageBelowAMegabyte() async throws {
        let page = try await withTemporaryDirectory { root in
            var analysis = try await SampleZone.analyze(root).analysis
            let points = (0..<2000).map {
                ["earned": Double($0) * 1.37, "fidelity": Double($0 % 10_000) / 20, "segment": 1]
            }
            analysis.segmentation = try #require(analysis.segmentation).with(scatter: points)
            return try Report.html(analysis)
        }
        #expect(page.utf8.count < 1_000_000)
        #expect(page.components(separatedBy: "<use ").count - 1 == 2000)
    }
}

extension Segmentation {
    /// The same with other points, by way of its JSON.
    fileprivate func with(scatter: [[String: Double]]) throws -> Segmentation {
        let data = try JSONEncoder().encode(self)
        var object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        object["scatter"] = scatter
        return try JSONDecoder().decode(Segmentation.self, from: JSONSerialization.data(withJSONObject: object))
    }
}
