import Mustache

/// What the page of a performance test shows. Whoever measured fills it in: the page knows nothing of producers.
package struct PerformanceFigures: Sendable {
    /// A line of a chart.
    package struct Curve: Equatable, Sendable {
        package var name: String
        /// From left to right.
        package var points: [Point]

        package init(name: String, points: [Point]) {
            self.name = name
            self.points = points
        }
    }

    package struct Point: Equatable, Sendable {
        package var x: Double
        package var y: Double

        package init(x: Double, y: Double) {
            self.x = x
            self.y = y
        }
    }

    /// A chart of curves over one axis of whole numbers.
    package struct Chart: Sendable {
        package var title: String
        /// What it shows, in a sentence.
        package var takeaway: String
        package var horizontal: String
        package var vertical: String
        package var curves: [Curve]
        /// Where the first curve is marked, and with what.
        package var mark: (point: Point, text: String)?

        package init(
            title: String,
            takeaway: String,
            horizontal: String,
            vertical: String,
            curves: [Curve],
            mark: (point: Point, text: String)? = nil
        ) {
            self.title = title
            self.takeaway = takeaway
            self.horizontal = horizontal
            self.vertical = vertical
            self.curves = curves
            self.mark = mark
        }
    }

    /// A figure of its own.
    package struct Tile: Sendable {
        package var name: String
        package var figure: String
        package var note: String

        package init(name: String, figure: String, note: String) {
            self.name = name
            self.figure = figure
            self.note = note
        }
    }

    package var headline: String
    package var story: [String]
    package var notices: [String]
    package var tiles: [Tile]
    package var charts: [Chart]
    /// Heads of the table's columns with text, the first of which names the row, and of those with numbers behind them.
    package var textColumns: [String]
    package var numberColumns: [String]
    package var rows: [[String]]
    /// How it was measured.
    package var facts: [(name: String, value: String)]

    package init(
        headline: String,
        story: [String],
        notices: [String],
        tiles: [Tile],
        charts: [Chart],
        textColumns: [String],
        numberColumns: [String],
        rows: [[String]],
        facts: [(name: String, value: String)]
    ) {
        self.headline = headline
        self.story = story
        self.notices = notices
        self.tiles = tiles
        self.charts = charts
        self.textColumns = textColumns
        self.numberColumns = numberColumns
        self.rows = rows
        self.facts = facts
    }
}

extension Report {
    /// The page of a performance test: one file that needs nothing else.
    package static func html(_ figures: PerformanceFigures) throws(ReportError) -> String {
        let library = try PageTemplates.library()
        guard let page = library.render(PerformanceContent(figures), withTemplate: "performance") else {
            throw .template("performance", "it is not registered")
        }
        return SafeText.lines(page)
    }
}

/// Everything that stands on the page of a performance test.
struct PerformanceContent {
    let style: String
    let headline: String
    let story: [String]
    let tiles: [PageTile]
    let notices: [String]
    let hasNotices: Bool
    let figures: [PageFigure]
    let tables: [PageTable]
    let methods: [PageFact]

    init(_ figures: PerformanceFigures) {
        style = StyleSheet.text + StyleSheet.curves
        headline = figures.headline
        story = figures.story
        tiles = figures.tiles.map { PageTile(name: $0.name, figure: $0.figure, note: $0.note) }
        notices = figures.notices
        hasNotices = !figures.notices.isEmpty
        self.figures = figures.charts.enumerated().map { number, chart in
            let curves = CurvesChart(number: number + 1, chart: chart)
            return PageFigure(
                title: chart.title,
                takeaway: ([chart.takeaway] + [curves.omission].compactMap { $0 }).joined(separator: " "),
                svg: curves.svg,
                legend: curves.legend
            )
        }
        tables = [
            PageTable(
                title: "Every step",
                caption: "In the order they were measured. The same figures are in performance.csv.",
                text: figures.textColumns,
                numbers: figures.numberColumns,
                rows: figures.rows
            )
        ]
        methods = figures.facts.map { PageFact(name: $0.name, value: $0.value) }
    }
}
