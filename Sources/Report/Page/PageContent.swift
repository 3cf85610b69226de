import Analysis

/// Everything that stands on the page, as texts; the templates only place them.
struct PageContent {
    let title: String
    let style: String
    let headline: String
    let story: [String]
    let tiles: [PageTile]
    let notices: [String]
    let hasNotices: Bool
    let segmentsLead: String
    let cards: [PageCard]
    let cardColumns: Int
    let segmentFigures: [PageFigure]
    let hasSegments: Bool
    let activityLead: String
    let activityFigures: [PageFigure]
    let communityTables: [PageTable]
    let tablesLead: String
    let tables: [PageTable]
    let methods: [PageFact]
    let methodTables: [PageTable]

    init(_ analysis: Analysis) {
        let story = StoryText(analysis: analysis)
        let segments = SegmentContent(analysis: analysis)
        let activity = ActivityContent(analysis: analysis)
        let tables = TableContent(analysis: analysis)
        let methods = MethodContent(analysis: analysis)
        title = "HeraSDG – community report"
        style = StyleSheet.text
        headline = story.headline
        self.story = story.paragraphs
        tiles = story.tiles
        notices = methods.notices
        hasNotices = !methods.notices.isEmpty
        segmentsLead = segments.lead
        cards = segments.cards
        cardColumns = segments.columns
        segmentFigures = segments.figures
        hasSegments = !segments.figures.isEmpty
        activityLead = activity.lead
        activityFigures = activity.figures
        communityTables = activity.tables
        tablesLead = tables.lead
        self.tables = tables.tables
        self.methods = methods.facts
        methodTables = methods.tables
    }
}

/// A segment's card.
struct PageCard {
    let icon: String
    let name: String
    let users: String
    let share: String
    /// Class of the bar's colour, and its length in percent.
    let style: String
    let width: String
    let words: String
    let facts: [PageFact]
}

/// A name and what stands behind it.
struct PageFact {
    let name: String
    let value: String
}

/// A chart of the page, with what it shows in a sentence.
struct PageFigure {
    struct LegendEntry {
        /// Markup of the marker.
        let icon: String
        let name: String
    }

    let title: String
    let takeaway: String
    /// Markup of the chart.
    let svg: String
    var legend: [LegendEntry] = []

    let hasLegend: Bool

    init(title: String, takeaway: String, svg: String, legend: [(icon: String, name: String)] = []) {
        self.title = title
        self.takeaway = takeaway
        self.svg = svg
        self.legend = legend.map { LegendEntry(icon: $0.icon, name: $0.name) }
        hasLegend = !legend.isEmpty
    }
}

/// A table of the page.
struct PageTable {
    /// The head of a column; columns of text are aligned to the left, of numbers to the right.
    struct Column {
        let name: String
        let isText: Bool
    }

    struct Cell {
        let text: String
        let isText: Bool
        /// It names its row.
        let isHead: Bool
        /// Markup of a marker before the text.
        var icon = ""
    }

    struct Row {
        let cells: [Cell]
    }

    let title: String
    let caption: String
    let columns: [Column]
    let rows: [Row]
    /// The last line, with sums; empty without.
    let foot: [Cell]

    let hasFoot: Bool

    /// - Parameters:
    ///   - text: heads of columns with text, the first of which names the row.
    ///   - numbers: heads of the columns with numbers behind them, with their units.
    ///   - icons: markers before the rows' names.
    init(
        title: String,
        caption: String,
        text: [String],
        numbers: [String],
        rows: [[String]],
        foot: [String] = [],
        icons: [String] = []
    ) {
        func cells(_ texts: [String], icon: String = "") -> [Cell] {
            texts.enumerated().map { index, cell in
                Cell(text: cell, isText: index < text.count, isHead: index == 0, icon: index == 0 ? icon : "")
            }
        }
        self.title = title
        self.caption = caption
        columns = text.map { Column(name: $0, isText: true) } + numbers.map { Column(name: $0, isText: false) }
        self.rows = rows.enumerated().map { index, row in
            Row(cells: cells(row, icon: index < icons.count ? icons[index] : ""))
        }
        self.foot = cells(foot)
        hasFoot = !foot.isEmpty
    }
}

/// A key figure.
struct PageTile {
    let name: String
    let figure: String
    let note: String
}
