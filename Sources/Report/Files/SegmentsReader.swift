/// Reads `segments.csv` again: who is in which segment. Pure: pieces of the file in, users out.
///
/// Memory is bounded by one line's two cells, whatever the file holds. A file that was saved by a spreadsheet is read too:
/// columns may stand in another order, and lines may end with a line feed alone.
package struct SegmentsReader: Sendable {
    /// Bounds of what is read.
    package enum Limits {
        /// The longest cell that is kept.
        package static let cellBytesMax = 65_536
    }

    /// Why bytes are not such a file.
    package struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        package let description: String
    }

    private enum State {
        /// At the beginning of a cell, or in one without quotes.
        case plain
        case quoted
        /// Behind a quote that ends the cell, unless another one follows.
        case closed
    }

    private static let idColumn = "id_utente"
    private static let segmentColumn = "segment"

    private var state = State.plain
    private var cell: [UInt8] = []
    /// The number of the cell in its line.
    private var column = 0
    /// The number of the line, from 1.
    private var line = 1
    /// Whether the line has anything in it.
    private var hasContent = false
    /// Whether the line that names the columns was read.
    private var hasHead = false
    private var idPlace: Int?
    private var segmentPlace: Int?
    private var id: String?
    private var segment: Int?

    package init() {}

    /// Reads the next piece of the file, and calls `body` with each user in it.
    package mutating func read(
        _ bytes: some Sequence<UInt8>,
        _ body: (_ id: String, _ segment: Int) -> Void
    ) throws(Failure) {
        for byte in bytes { try take(byte, body) }
    }

    /// Ends the file. Its last line may lack its end.
    package mutating func finish(_ body: (_ id: String, _ segment: Int) -> Void) throws(Failure) {
        guard state != .quoted else { throw failure("a quote is not closed") }
        if hasContent { try endLine(body) }
        guard hasHead else { throw missingColumns }
    }

    private mutating func take(_ byte: UInt8, _ body: (String, Int) -> Void) throws(Failure) {
        switch (state, byte) {
        case (.quoted, UInt8(ascii: "\"")): state = .closed
        case (.quoted, _): try keep(byte)
        case (.closed, UInt8(ascii: "\"")):
            state = .quoted
            try keep(byte)
        case (_, UInt8(ascii: ",")):
            hasContent = true
            try endCell()
        case (_, UInt8(ascii: "\n")): if hasContent { try endLine(body) } else { line += 1 }
        case (_, UInt8(ascii: "\r")): break
        case (.plain, UInt8(ascii: "\"")) where cell.isEmpty:
            hasContent = true
            state = .quoted
        case (.plain, _):
            hasContent = true
            try keep(byte)
        case (.closed, _): throw failure("something stands behind a closing quote")
        }
    }

    private mutating func keep(_ byte: UInt8) throws(Failure) {
        guard !hasHead || column == idPlace || column == segmentPlace else { return }
        guard cell.count < Limits.cellBytesMax else {
            throw failure("a cell has more than \(Limits.cellBytesMax) bytes")
        }
        cell.append(byte)
    }

    private mutating func endCell() throws(Failure) {
        if !hasHead || column == idPlace || column == segmentPlace {
            guard let text = String(validating: cell, as: UTF8.self) else { throw failure("a cell is not UTF-8") }
            try takeCell(text)
        }
        cell.removeAll(keepingCapacity: true)
        column += 1
        state = .plain
    }

    private mutating func takeCell(_ text: String) throws(Failure) {
        if !hasHead {
            // A spreadsheet may have put a byte order mark in front.
            let name = text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text
            if name == Self.idColumn, idPlace == nil { idPlace = column }
            if name == Self.segmentColumn, segmentPlace == nil { segmentPlace = column }
        } else if column == idPlace {
            id = CSVText.withoutGuard(text)
        } else {
            guard let number = Int(text), number >= 0 else { throw failure("its segment is not a number from 0 on") }
            segment = number
        }
    }

    private mutating func endLine(_ body: (String, Int) -> Void) throws(Failure) {
        try endCell()
        if !hasHead {
            guard idPlace != nil, segmentPlace != nil else { throw missingColumns }
            hasHead = true
        } else {
            guard let id, let segment else { throw failure("it has too few cells") }
            body(id, segment)
        }
        (id, segment, column, hasContent) = (nil, nil, 0, false)
        line += 1
    }

    private var missingColumns: Failure {
        Failure(
            description:
                "its first line does not name the columns \(Self.idColumn) and \(Self.segmentColumn); it has to be "
                + "the segments.csv of `hera analyze`"
        )
    }

    private func failure(_ reason: String) -> Failure { Failure(description: "line \(line): \(reason)") }
}
