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
