/// A table for a terminal: columns as wide as their widest cell, numbers aligned right. Cells are escaped.
package struct TextTable {
    /// Which columns are aligned right, with their header.
    package enum RightAlignment {
        /// Those that hold only integers.
        case integers
        case none
        case columns(Range<Int>)
    }

    package let lines: [String]

    /// - Parameter header: the names of the columns; `nil` for a table without a header.
    package init(_ header: [String]?, _ rows: [[String]], rightAligned: RightAlignment = .integers) {
        let rows = rows.map { $0.map { PrintableText.escaping($0) } }
        let all = [header].compactMap { $0 } + rows
        let columns = (all.first ?? []).indices.map { column in
            let width = all.map { $0[column].count }.max() ?? 0
            let isRight =
                switch rightAligned {
                case .integers: rows.allSatisfy { Int64($0[column]) != nil }
                case .none: false
                case .columns(let columns): columns.contains(column)
                }
            return (width: width, isRight: isRight)
        }
        lines = all.map { row in
            let cells = zip(row, columns).map { cell, column in
                let padding = String(repeating: " ", count: column.width - cell.count)
                return column.isRight ? padding + cell : cell + padding
            }
            let line = cells.joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
    }
}
