/// A table for a terminal: columns as wide as their widest cell, numbers aligned right. Cells are escaped.
package struct TextTable {
    package let lines: [String]

    /// - Parameter alignsNumbers: whether a column that holds only integers is aligned right.
    package init(_ header: [String], _ rows: [[String]], alignsNumbers: Bool = true) {
        let rows = rows.map { $0.map { PrintableText.escaping($0) } }
        let columns = header.indices.map { column in
            let cells = rows.map { $0[column] }
            let width = ([header[column]] + cells).map(\.count).max() ?? 0
            let isNumeric = alignsNumbers && cells.allSatisfy { Int64($0) != nil }
            return (width: width, isNumeric: isNumeric)
        }
        lines = ([header] + rows).map { row in
            let cells = zip(row, columns).map { cell, column in
                let padding = String(repeating: " ", count: column.width - cell.count)
                return column.isNumeric ? padding + cell : cell + padding
            }
            let line = cells.joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
    }
}
