import PlainText
import Report
import Testing

/// The page of a performance test.
@Suite struct PerformancePageTests {
    /// Curves of three points each, the last one highest.
    static func figures(curves: Int = 2, name: String = "150-byte records") -> PerformanceFigures {
        let points = [(1.0, 500_000.0), (2, 812_000), (4, 840_000)].map { PerformanceFigures.Point(x: $0.0, y: $0.1) }
        return PerformanceFigures(
            headline: "The knee is at 2 producers.",
            story: ["3 steps in 18 s."],
            notices: [],
            tiles: [.init(name: "Greatest rate", figure: "840,000", note: "records/s with 4 producers")],
            charts: [
                .init(
                    title: "Records a second",
                    takeaway: "What the cluster acknowledged.",
                    horizontal: "producers",
                    vertical: "records/s",
                    curves: (0..<curves).map { number in
                        .init(
                            name: "\(name) \(number)",
                            points: points.map { .init(x: $0.x, y: $0.y * Double(number + 1)) }
                        )
                    },
                    mark: (points[1], "knee: 2")
                )
            ],
            textColumns: ["producers"],
            numberColumns: ["records/s"],
            rows: [["1", "500,000"], ["2", "812,000"]],
            facts: [(name: "A step", value: "sends")]
        )
    }

    @Test func pageShowsWhatItIsGiven() throws {
        let page = try Report.html(Self.figures())
        for text in [
            "<h1>The knee is at 2 producers.</h1>", "3 steps in 18 s.", "840,000", "What the cluster acknowledged.",
            "knee: 2", "150-byte records 1", "<td>812,000</td>", "<dt>A step</dt><dd>sends</dd>",
        ] { #expect(page.contains(text), "\(text)") }
        #expect(page.matches(of: /<polyline class="curve line-s/).count == 2)
        #expect(page.matches(of: /<path class="s[12]" d="[^"]+" transform=/).count == 6)
        #expect(!page.contains("<script"))
        #expect(!page.contains("role=\"note\""), "there are no notices")
        #expect(page.matches(of: /(?:src|href)=/).isEmpty, "nothing comes from outside")
    }

    @Test func curvesBeyondTheMarkersAreLeftOutAndCounted() throws {
        let page = try Report.html(Self.figures(curves: 11))
        #expect(page.matches(of: /<polyline class="curve/).count == 8)
        #expect(page.contains("3 curves that reach less high are left out."))
        #expect(page.contains("150-byte records 10"))
        #expect(!page.contains("150-byte records 2<"))
    }

    @Test func pageWithoutFiguresIsOne() throws {
        var figures = Self.figures(curves: 0)
        figures.charts[0].mark = nil
        figures.rows = []
        figures.tiles = []
        figures.notices = ["The test was stopped."]
        let page = try Report.html(figures)
        #expect(page.contains("role=\"note\"><p>The test was stopped.</p>"))
        #expect(page.contains("<svg class=\"chart\""))
    }

    @Test(arguments: ["<script>alert(1)</script>", "x\" onload=\"alert(1)", "\u{1B}[2J", "{{{style}}}", "\u{202E}x"])
    func textFromOutsideIsSafe(_ name: String) throws {
        var figures = Self.figures(name: name)
        figures.headline = name
        figures.notices = [name]
        figures.rows = [[name, name]]
        figures.charts[0].title = name
        let page = try Report.html(figures)
        #expect(!page.contains("<script"))
        #expect(!page.contains("onload=\"alert"))
        for line in page.unicodeScalars.split(separator: "\n") {
            let line = String(line)
            #expect(PrintableText.escaping(line) == line)
        }
    }
}
